/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs: in and out of the guest, and their roots. */
#ifndef MMU_USER_VCPU_H
#define MMU_USER_VCPU_H

#include "sim/hw.h"

struct vm;

/* Guest instructions until @n are done or a request needs the host. */
void vcpu_run(struct kvm_vcpu *vcpu, const gfn_t *gfns,
	      const enum hw_kind *kinds, int n);
void vcpu_switch_root(struct kvm_vcpu *vcpu, bool guest_mode, bool smm);
void vcpu_unload(struct kvm_vcpu *vcpu);
void vcpu_prefault(struct kvm_vcpu *vcpu, gfn_t gfn, bool write);
union kvm_mmu_page_role vcpu_role(struct vm *vm, bool guest_mode, bool smm);
int vcpu_topup(struct kvm_vcpu *vcpu);
bool vcpu_enter(struct kvm_vcpu *vcpu);
void vcpu_leave(struct kvm_vcpu *vcpu);

#endif
