/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty rings: what their reader (ring.c) and their reset (ring_reset.c) share.
 * Private to this folder.
 */
#ifndef MMUBENCH_DIRTY_RING_H
#define MMUBENCH_DIRTY_RING_H

#include <pthread.h>
#include <stdbool.h>

#include "dirty/dirty.h"

struct kvm_dirty_gfn;
struct kvm_run;

struct ring_vcpu {
	struct kvm_dirty_gfn *ring;
	struct kvm_run *run;	/* first page only: the exit reason */
	uint32_t next;		/* next entry to harvest, free running */
	unsigned int idle_exits; /* full-ring exits since an entry was found */
};

struct ring_priv {
	pthread_mutex_t lock;
	bool lock_ready;
	uint32_t nr_entries;
	struct ring_vcpu *vcpus;
	unsigned int nr_mapped;
	/* Threads in ring_reset_beside(), whose entries are not counted yet. */
	unsigned int nr_beside;
	/* Pages found by vCPU threads, not yet collected. */
	unsigned long *pending;
	uint64_t nr_pending;
};

/*
 * Give all marked entries back to KVM; ->lock held.  0, or -errno with @why.
 */
int ring_reset(struct dirty *d, struct reason *why);

/* Once, without ->lock, beside anything: those that are marked now. */
int ring_reset_beside(struct dirty *d, struct reason *why);

#endif
