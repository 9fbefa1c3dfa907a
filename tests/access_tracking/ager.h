/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An aging backend put to work on a rig: choosing one that sees the guest,
 * passes over the memory under test, an agent that passes all the time.
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

/* The options' table; its offsets are those of a struct ager_params. */
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
 * Moves the process into a memory cgroup when a candidate needs one.
 * 0, or -errno with b->why: a SKIP if there is none here.
 */
int ager_enter(struct bench *b, const char *name, unsigned int need_caps);
/*
 * The same, but *@caps are only wished for: cleared when no backend that
 * works here has them.  Pass *@caps on to ager_open().
 */
int ager_enter_wish(struct bench *b, const char *name, unsigned int *caps);

/*
 * Populate the memory and open the first candidate that then sees the guest
 * use it; a kernel may offer an interface that does not look at guests.
 * Leaves every page mapped, written and aged.
 */
int ager_open(struct ager *a, struct bench *b, const char *name,
	      unsigned int need_caps);
/* The same for the null backend, which proves nothing. */
int ager_open_null(struct ager *a, struct bench *b);
void ager_close(struct ager *a);

/* One pass, added to the sums. b->why is set on failure. */
int ager_pass(struct ager *a);
/* A pass, then every TLB flushed: the next access of any page is seen. */
int ager_pass_flush(struct ager *a);
void ager_reset(struct ager *a);

/* Passes as an agent's steps; the argument is a struct ager. */
extern const struct agent_ops ager_agent;

/* Record distribution "<name>" of the passes since the reset, ns per page. */
void ager_record(struct ager *a, const char *name);
/* Record "self.aging_null": what a pass costs the harness, ns per page. */
int ager_record_self(struct bench *b);

/*
 * Invariant: aging changes neither content nor mappings.  Call
 * ager_mappings() before and after, vCPUs stopped.
 */
struct ager_mappings {
	int64_t pages[3];	/* 4K, 2M, 1G mappings of KVM's */
};
void ager_mappings(const struct bench *b, struct ager_mappings *m);
void ager_check_kept(struct bench *b, const struct ager_mappings *before);

/*
 * Access-track fast faults this KVM takes for an aged page used again: 1
 * without A/D bits in its page tables, 0 with them, -1 when that is unknown.
 */
int ager_faults_per_page(void);

#endif
