/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that shadow paging maps. */
#ifndef MMU_USER_SHADOW_H
#define MMU_USER_SHADOW_H

#include "shim/hostkvm.h"

struct vm;

void shadow_write(struct kvm_vcpu *vcpu, gfn_t gfn);
void shadow_arm(struct kvm_memory_slot *slot, gfn_t offset, unsigned long mask);
void shadow_arm_slot(struct vm *vm, struct kvm_memory_slot *slot);

#endif
