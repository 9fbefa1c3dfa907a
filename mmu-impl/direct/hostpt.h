/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's own page table. */
#ifndef MMU_HOSTPT_H
#define MMU_HOSTPT_H

#include "internal.h"

/* One page of the host as the host's own page table maps it. */
struct mmub_host_page {
	kvm_pfn_t pfn;
	bool present;	/* an ordinary page, readable */
	bool writable;	/* the host may write it, and has done so */
};

/*
 * Look up @nr pages from @hva on. IRQs may be on. mmu_lock must be held and no
 * invalidation of the range be under way, or the answer is stale at once.
 * Returns how many entries of @out were filled.
 */
unsigned int mmub_hostpt_read(struct kvm *kvm, unsigned long hva,
			      unsigned int nr, struct mmub_host_page *out);

#endif /* MMU_HOSTPT_H */
