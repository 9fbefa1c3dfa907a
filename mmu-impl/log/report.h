/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dirty log calls. Only stock types appear here, because the hooks in
 * virt/kvm/kvm_main.c include it.
 */
#ifndef MMU_REPORT_H
#define MMU_REPORT_H

struct kvm;
struct kvm_clear_dirty_log;
struct kvm_dirty_log;

/*
 * KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG. slots_lock is held, mmu_lock is
 * not. Both sleep, yield, and flush remote TLBs before they return.
 */
int mmub_report_get(struct kvm *kvm, struct kvm_dirty_log *log);
int mmub_report_clear(struct kvm *kvm, struct kvm_clear_dirty_log *log);

#endif /* MMU_REPORT_H */
