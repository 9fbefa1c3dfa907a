/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The crew: threads that take the stressors' steps, in the weights of a mix.
 */
#ifndef MMUBENCH_STRESS_CREW_H
#define MMUBENCH_STRESS_CREW_H

#include "stressor/stressor.h"

struct crew;

struct crew_setup {
	const char *mix;	/* see mix.h */
	uint64_t seed;
	unsigned int nr_hands;	/* threads that take steps */
	const char *plan;	/* file with a schedule to follow, or "" */
};

/*
 * Open the agents of the mix: those that cannot work here are left out with a
 * note, named ones are a skip, and so are those that a plan needs.
 */
struct crew *crew_open(struct world *w, const struct crew_setup *s,
		       struct reason *why);
int crew_start(struct crew *c, struct reason *why);
/*
 * All steps have ended when it returns; one that takes longer than @limit_ns is
 * told on stderr.  0 or the first failure.
 */
int crew_stop(struct crew *c, uint64_t limit_ns, struct reason *why);
/* Let every agent judge. */
int crew_quiet(struct crew *c, struct reason *why);
/* A step that takes longer than @limit_ns, or NULL. Any time. */
const char *crew_stuck(const struct crew *c, uint64_t limit_ns);
/* With a plan: has all happened up to the next quiet moment, or for good? */
bool crew_has_plan(const struct crew *c);
bool crew_moment_over(const struct crew *c);
bool crew_plan_over(const struct crew *c);
/*
 * Record what was done, and put the schedule beside the record of @case_name in
 * @dir, unless that is "".  0 or -errno with @why.
 */
int crew_record(const struct crew *c, const char *dir, const char *case_name,
		struct reason *why);
void crew_close(struct crew *c);

#endif
