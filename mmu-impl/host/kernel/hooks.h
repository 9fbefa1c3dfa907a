/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hooked places of KVM call.  Only stock types appear here, because
 * virt/kvm/kvm_main.c includes it.
 */
#ifndef MMU_HOOKS_H
#define MMU_HOOKS_H

#include <linux/kvm_host.h>

#include "log/report.h"

/* What mmu_notify_age() does to an SPTE it finds young. */
enum mmu_age_mode {
	MMU_AGE_CLEAR,		/* make it old */
	MMU_AGE_CLEAR_FLUSH,	/* the same; the caller offered a flush */
	MMU_AGE_TEST,		/* only look */
};

/*
 * Age or test the guest pages behind the host addresses [start, end).
 * Takes kvm->srcu itself and mmu_lock only for shadow paging; may be called
 * from atomic context; flushes nothing.  Returns 1 if a page was young.
 */
int mmu_notify_age(struct kvm *kvm, unsigned long start, unsigned long end,
		   enum mmu_age_mode mode);

/* mmu_lock for aging what shadow paging maps; counted. */
void mmu_age_lock(struct kvm *kvm);
void mmu_age_unlock(struct kvm *kvm);

#endif
