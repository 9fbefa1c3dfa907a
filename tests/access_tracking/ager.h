/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Use an aging backend on a rig: choose one that sees the guest, make passes
 * over the memory under test, and run an agent that keeps making them.
 *
 * Order of calls in a case:
 *	ager_enter()	before the memory exists (memory cgroup)
 *	bench_rig()
 *	ager_open()	populates the memory, proves the backend
 *	ager_pass() ..., ager_agent
 *	ager_close()
 */
#ifndef MMUBENCH_AGER_H
#define MMUBENCH_AGER_H

#include "aging/aging.h"
#include "base/hist.h"
#include "bench/bench.h"
#include "run/rounds.h"

struct ager_params {
	const char *aging;	/* --aging: a backend's name or "auto" */
};

/* The option table; its offsets are those of struct ager_params. */
extern const struct opt ager_opts[];

struct ager {
	struct bench *b;
	struct aging aging;
	struct gpages span;
	struct aging_result res;	/* of the last pass */
	struct hist pass_ns;		/* all passes since ager_reset() */
	uint64_t passes, young_pages, old_pages, unknown_pages;
};

/*
 * Is there a backend called @name (or any, for "auto") with @need_caps?
 * Moves the process into a memory cgroup if a candidate needs one.
 * 0, or -errno with b->why: a SKIP if there is none here.
 */
int ager_enter(struct bench *b, const char *name, unsigned int need_caps);
/*
 * Same, but *@caps are only preferred: they are cleared if no backend that works
 * here has them.  Pass *@caps on to ager_open().
 */
int ager_enter_wish(struct bench *b, const char *name, unsigned int *caps);

/*
 * Populate the memory and open the first candidate that then sees the guest use
 * it: a kernel may offer an interface that does not look at guests.  Leaves
 * every page mapped, written and aged.
 */
int ager_open(struct ager *a, struct bench *b, const char *name,
	      unsigned int need_caps);
/* Same, for the null backend, which cannot prove that it sees the guest. */
int ager_open_null(struct ager *a, struct bench *b);
void ager_close(struct ager *a);

/* Make one pass and add it to the sums. 0, or -errno with b->why. */
int ager_pass(struct ager *a);
/* Make a pass, then flush every TLB: the next access to any page is seen. */
int ager_pass_flush(struct ager *a);
void ager_reset(struct ager *a);

/* Passes as an agent's steps; the argument is a struct ager. */
extern const struct agent_ops ager_agent;

/* Record distribution "<name>" of the passes since the reset, ns per page. */
void ager_record(struct ager *a, const char *name);

/*
 * Invariant: aging changes neither content nor mappings.  Call
 * ager_mappings() before and after, vCPUs stopped.
 */
struct ager_mappings {
	int64_t pages[3];	/* KVM's mappings of 4K, 2M and 1G */
};
void ager_mappings(const struct bench *b, struct ager_mappings *m);
void ager_check_kept(struct bench *b, const struct ager_mappings *before);

/*
 * The end of a case that times passes: the harness's own cost ("self.*", and
 * "self.aging_null", of a pass in ns per page), then the invariant.
 */
int ager_finish(struct bench *b, const struct ager_mappings *before);

/*
 * The number of fast faults that this KVM takes when an aged page is used again:
 * 1 without A/D bits in its page tables, 0 with them, -1 if that is unknown.
 */
int ager_faults_per_page(void);

#endif
