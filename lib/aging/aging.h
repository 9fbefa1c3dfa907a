/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aging backends: ways to ask the kernel "which of these pages were used
 * since the last time I asked?", which makes KVM age its SPTEs.
 *
 * A pass looks at every page of a span and sorts it into young (used since
 * the last pass), old, or unknown (the backend cannot say); the three always
 * add up to the pages asked for.  The first pass after open() only arms.
 */
#ifndef MMUBENCH_AGING_H
#define MMUBENCH_AGING_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "guest/gpages.h"

enum aging_caps {
	AGING_PER_PAGE	= 1 << 0, /* answers for each 4K page, see ->young_map */
	AGING_NEEDS_CG	= 1 << 1, /* needs a memory cgroup of its own */
	AGING_FLUSHES	= 1 << 2, /* a pass flushes TLBs, no false negatives */
	AGING_APPROX	= 1 << 3, /* samples or sums up, does not look at each page */
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
	 * Optional, caller's: one byte per page of the span, set to an enum
	 * aging_class by backends with AGING_PER_PAGE.
	 */
	uint8_t *young_map;
};

/*
 * Hooks; all are called from one thread, the ager's.  Guests may run.
 */
struct aging_ops {
	const char *name;
	const char *summary;
	unsigned int caps;
	size_t priv_bytes;	/* zeroed private state, freed by aging_close() */
	/*
	 * Required.  Can this host do it?  0, or -errno with @why telling what
	 * to change.  Changes nothing on the host.
	 */
	int (*probe)(struct reason *why);
	/* Optional.  Acquire files; host changes only through host_push_*(). */
	int (*open)(struct aging *a, struct reason *why);
	/*
	 * Required.  Find what was young in @span since the last call and age
	 * it again.  0 or -errno with @why set.
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

/* NULL-terminated, best first ("auto" takes the first that probes well). */
extern const struct aging_ops *const aging_backends[];

/*
 * The backend called @name.  "auto" is the first real one that probes well
 * and has all of @need_caps.  NULL with @why set: "no page-aging interface"
 * when auto finds none, which is a fixed text for SKIP lines.
 */
const struct aging_ops *aging_find(const char *name, unsigned int need_caps,
				   struct reason *why);

#define AGING_NONE_REASON "no page-aging interface"

int aging_open(struct aging *a, const struct aging_ops *ops,
	       struct reason *why);
/* Forget everything; the next pass is a first one again. */
int aging_reopen(struct aging *a, struct reason *why);
/* Times the pass and checks that the three classes add up. */
int aging_pass(struct aging *a, const struct gpages *span,
	       struct aging_result *res, struct reason *why);
void aging_close(struct aging *a);

#endif
