/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the dirty-logging scenarios: a rig with a dirty-tracking backend,
 * the steps of one harvest, and the check against the oracle.
 *
 * Call all functions from the controller thread.  Those that can fail return 0,
 * or -errno with b->why.
 */
#ifndef MMUBENCH_DIRTY_SESSION_H
#define MMUBENCH_DIRTY_SESSION_H

#include "base/hist.h"
#include "bench/bench.h"
#include "dirty/dirty.h"

struct dirty_setup {
	const char *backend;	/* get, clear, ring, null */
	unsigned int flags;	/* enum dirty_flags */
	uint32_t ring_entries;	/* 0 = room for all pages of a vCPU */
	enum rig_backing backing;
	uint64_t guest_page_bytes;
	enum payload_op op;	/* what the guests do to dirty a page */
	unsigned int nr_agents;
	uint64_t host_bytes;	/* memory that the scenario itself needs */
};

struct dirty_session {
	struct bench *b;
	struct dirty d;
	struct dirty_batch batch;	/* of the last harvest */
	unsigned long *expect;		/* for dirty_session_check() */
	struct hist collect_ns, rearm_ns;	/* of all harvests */
};

/* Make a dirty_setup from the options: backing and page size, no agents. */
struct dirty_setup dirty_setup_of(const struct bench *b, const char *backend);

/* Open backend and rig, load the payload, populate. */
int dirty_session_open(struct dirty_session *s, struct bench *b,
		       const struct dirty_setup *setup);
void dirty_session_close(struct dirty_session *s);

int dirty_session_start(struct dirty_session *s);
int dirty_session_stop(struct dirty_session *s);

/* Clear the bitmap, collect into it, rearm, and add to the histograms. */
int dirty_session_harvest(struct dirty_session *s);
/* Empty the histograms: the harvests so far were for warming up. */
void dirty_session_forget(struct dirty_session *s);

/* Act as if the last harvest had found every page. */
void dirty_session_mark_all(struct dirty_session *s);

/*
 * Compare the last harvest with what the vCPUs wrote in their last job: set the
 * expectation, then check.  The scenario records one check for all rounds with
 * dirty_session_record_checks().
 */
void dirty_session_expect_last_job(struct dirty_session *s);
void dirty_session_expect_all(struct dirty_session *s);

struct dirty_tally {
	uint64_t rounds;
	uint64_t expected, found, missing, extra;	/* pages, all rounds */
	uint64_t first_missing, first_extra;
};

void dirty_session_check(const struct dirty_session *s,
			 struct dirty_tally *tally);
/* Record the checks; also verify every written unit against the rig's oracle. */
void dirty_session_record_checks(struct dirty_session *s,
				 const struct dirty_tally *tally);

/* Record the harvest histograms and the backend's counters. */
void dirty_session_record(struct dirty_session *s);

#endif
