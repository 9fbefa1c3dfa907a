/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hooked places of KVM call.  Only stock types appear here, because
 * virt/kvm/kvm_main.c includes it.
 */
#ifndef MMU_HOOKS_H
#define MMU_HOOKS_H

#include <linux/kvm_host.h>

#include "log/report.h"

/* What mmub_notify_age() does to an SPTE it finds young. */
enum mmub_age_mode {
	MMU_AGE_CLEAR,		/* make it old */
	MMU_AGE_CLEAR_FLUSH,	/* the same; the caller offered a flush */
	MMU_AGE_TEST,		/* only look */
};

/*
 * Age or test the guest pages behind the host addresses [start, end). Takes
 * kvm->srcu itself, and mmu_lock only for shadow paging. May be called from
 * atomic context. Flushes nothing. Returns 1 if a page was young.
 */
int mmub_notify_age(struct kvm *kvm, unsigned long start, unsigned long end,
		    enum mmub_age_mode mode);

/* Take and drop mmu_lock to age what shadow paging maps; counted. */
void mmub_notify_lock(struct kvm *kvm);
void mmub_notify_unlock(struct kvm *kvm);

#endif
