/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty-tracking backends: ways to learn from KVM which pages the guest wrote.
 *
 * Life of a backend: vm_created() once, after the VM and before its vCPUs;
 * then start, any number of (collect, rearm), stop, and so on.  collect()
 * finds the dirty pages; rearm() makes KVM watch them again.  They are timed
 * apart because they are different work for the kernel.
 *
 * Copy pages only after rearm() has returned, and pass rearm() only what the
 * last collect() found.  A write between the two calls is not reported again.
 */
#ifndef MMUBENCH_DIRTY_H
#define MMUBENCH_DIRTY_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "guest/gpages.h"
#include "rig/rig.h"

enum dirty_caps {
	DIRTY_COLLECT_REARMS = 1 << 0,	/* collect() also write-protects again */
	DIRTY_NEEDS_VCPU_EXIT = 1 << 1,	/* vCPUs exit for it, see vcpu_exit() */
	DIRTY_INITIALLY_SET = 1 << 2,	/* can start with all pages dirty */
	DIRTY_REAL = 1 << 3,		/* finds what the guest wrote (not null) */
	DIRTY_REARMS_PARTS = 1 << 4,	/* what rearm() leaves out is found again */
};

struct dirty;

/* What one collect() found; bit i of @bitmap is 4K page i of the span. */
struct dirty_batch {
	unsigned long *bitmap;	/* caller's, dirty_bitmap_longs() longs; bits are or'ed in */
	uint64_t nr_pages;	/* number of bits that this collect() set */
};

struct dirty_ops {
	const char *name;	/* get, clear, ring, null */
	const char *summary;
	unsigned int caps;
	size_t priv_bytes;	/* zeroed private state, freed by dirty_close() */
	/* Required.  Can KVM do it?  0, or -errno with @why, a SKIP; changes nothing. */
	int (*probe)(struct reason *why);
	/* Optional.  Enable capabilities before any vCPU exists. */
	int (*vm_created)(struct dirty *d, struct reason *why);
	/* Required; dirty_kvm_start if the memslots' flag is all it takes. */
	int (*start)(struct dirty *d, struct reason *why);
	/* Required.  Controller thread; vCPUs may run. */
	int (*collect)(struct dirty *d, struct dirty_batch *out,
		       struct reason *why);
	/* Optional; NULL if collect() rearms. */
	int (*rearm)(struct dirty *d, const struct dirty_batch *done,
		     struct reason *why);
	/*
	 * Optional.  From any thread, beside all other calls: rearm what the
	 * last collect() found, or a part of it, before rearm() does.
	 */
	int (*rearm_beside)(struct dirty *d, struct reason *why);
	/*
	 * Optional.  vCPU @vcpu left KVM_RUN with an exit that may be this
	 * backend's (a full ring); runs in the vCPU's thread.  1 if handled,
	 * 0 if the exit is not the backend's, or -errno with @why if the vCPU
	 * cannot go on.
	 */
	int (*vcpu_exit)(struct dirty *d, unsigned int vcpu,
			 struct reason *why);
	/* Required; dirty_kvm_stop if the memslots' flag is all it takes. */
	int (*stop)(struct dirty *d, struct reason *why);
	/* Optional; the rig and its vCPUs may be gone already. */
	void (*close)(struct dirty *d);
};

struct dirty {
	const struct dirty_ops *ops;
	struct rig *rig;
	void *priv;
	unsigned int flags;	/* enum dirty_flags */
	uint32_t ring_entries;	/* per vCPU, a power of two; 0 = default */
	/* rearm() may work in calls of so many pages, a multiple of 64; 0 = any */
	uint32_t chunk_pages;
	uint64_t collect_ns, rearm_ns;	/* of the last call */
	/* Totals since dirty_open(). */
	uint64_t vcpu_exits;	/* exits that were this backend's (ring full) */
	uint64_t vcpu_exit_ns;	/* time the vCPU threads spent on them */
	uint64_t entries;	/* ring entries read, repeats included */
	uint64_t entries_reset;	/* ring entries KVM took back */
	uint64_t ring_fullest;	/* most entries found in one ring at once */
	bool ring_wedged;	/* KVM and the reader are out of step */
	bool started;		/* between dirty_start() and dirty_stop() */
};

enum dirty_flags {
	DIRTY_START_ALL_SET = 1 << 0,	/* KVM_DIRTY_LOG_INITIALLY_SET */
	DIRTY_RESET_SIGNALS = 1 << 1,	/* let signals interrupt a ring's reset */
};

/* NULL-terminated; see base/registry.h. */
extern const struct dirty_ops *const dirty_members[];

/* The backend called @name, or NULL with @why set. */
const struct dirty_ops *dirty_find(const char *name, struct reason *why);

int dirty_open(struct dirty *d, const struct dirty_ops *ops,
	       unsigned int flags, uint32_t ring_entries, struct reason *why);
/* For rig_config: hooks through which the rig makes the next two calls. */
struct rig_hooks dirty_rig_hooks(struct dirty *d);
int dirty_vm_created(struct dirty *d, struct rig *rig, struct reason *why);
int dirty_vcpu_exit(struct dirty *d, unsigned int vcpu, struct reason *why);
int dirty_start(struct dirty *d, struct reason *why);
int dirty_collect(struct dirty *d, struct dirty_batch *out,
		  struct reason *why);
int dirty_rearm(struct dirty *d, const struct dirty_batch *done,
		struct reason *why);
/* Nothing happens if the backend has nothing to do beside. */
int dirty_rearm_beside(struct dirty *d, struct reason *why);
int dirty_stop(struct dirty *d, struct reason *why);
void dirty_close(struct dirty *d);

size_t dirty_bitmap_longs(uint64_t nr_pages);

#define DIRTY_LONG_BITS (8 * sizeof(unsigned long))

static inline bool dirty_bit(const unsigned long *bitmap, uint64_t page)
{
	return bitmap[page / DIRTY_LONG_BITS] >> page % DIRTY_LONG_BITS & 1;
}

static inline void dirty_set_bit(unsigned long *bitmap, uint64_t page)
{
	bitmap[page / DIRTY_LONG_BITS] |= 1ul << page % DIRTY_LONG_BITS;
}

#endif
