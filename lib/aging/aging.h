/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aging backends: ways to ask the kernel which pages were used since the last
 * time it was asked.  The question makes KVM age its SPTEs.
 *
 * A pass sorts every page of a span into young (used since the last pass),
 * old, or unknown (the backend cannot tell).  The three counts always add up
 * to the pages of the span.  The first pass after open() only arms.
 */
#ifndef MMUBENCH_AGING_H
#define MMUBENCH_AGING_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "guest/gpages.h"

enum aging_caps {
	AGING_PER_PAGE	= 1 << 0, /* answers for each 4K page, see ->class_map */
	AGING_NEEDS_CG	= 1 << 1, /* needs a memory cgroup of its own */
	AGING_FLUSHES	= 1 << 2, /* a pass flushes TLBs: no false negatives */
	AGING_APPROX	= 1 << 3, /* samples or adds up instead of looking at each page */
	AGING_REAL	= 1 << 4, /* ages pages (not null) */
};

struct aging;

enum aging_class { AGING_OLD = 0, AGING_YOUNG = 1, AGING_UNKNOWN = 2 };

struct aging_result {
	uint64_t young_pages;
	uint64_t old_pages;
	uint64_t unknown_pages;
	uint64_t elapsed_ns;	/* filled in by aging_pass() */
	/*
	 * Optional and the caller's: one byte per page of the span, which
	 * backends with AGING_PER_PAGE set to an enum aging_class.
	 */
	uint8_t *class_map;
};

/*
 * All hooks are called from one thread, the ager's.  Guests may run.
 */
struct aging_ops {
	const char *name;
	const char *summary;
	unsigned int caps;
	size_t priv_bytes;	/* zeroed private state, freed by aging_close() */
	/*
	 * Required.  Can this host do it?  0, or -errno with @why, a SKIP that
	 * says what to change.  Must change nothing on the host.
	 */
	int (*probe)(struct reason *why);
	/* Optional.  Open files; change the host through host_push_*() only. */
	int (*open)(struct aging *a, struct reason *why);
	/*
	 * Required.  Find which pages of @span were used since the last call
	 * and age them again.  0, or -errno with @why.
	 */
	int (*pass)(struct aging *a, const struct gpages *span,
		    struct aging_result *res, struct reason *why);
	/* Optional. */
	void (*close)(struct aging *a);
};

struct aging {
	const struct aging_ops *ops;
	void *priv;
};

/* NULL-terminated, best first; see base/registry.h. */
extern const struct aging_ops *const aging_members[];

/* The backend called @name, or NULL with @why. */
const struct aging_ops *aging_find(const char *name, struct reason *why);

/*
 * Same, but the backend must have all of @need_caps.  "auto" stands for the
 * first real one that has them and can be used here.  Returns NULL with @why if
 * there is none; for "auto" its text is AGING_NONE_REASON.
 */
const struct aging_ops *aging_choose(const char *name, unsigned int need_caps,
				     struct reason *why);

#define AGING_NONE_REASON "no page-aging interface"

int aging_open(struct aging *a, const struct aging_ops *ops,
	       struct reason *why);
/* Forget everything: the next pass is a first one again. */
int aging_reopen(struct aging *a, struct reason *why);
/* Make and time a pass, and check that the three classes add up. */
int aging_pass(struct aging *a, const struct gpages *span,
	       struct aging_result *res, struct reason *why);
void aging_close(struct aging *a);

#endif
