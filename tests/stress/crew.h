/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The crew: threads that take the stressors' steps, in the weights of a mix.
 */
#ifndef MMUBENCH_STRESS_CREW_H
#define MMUBENCH_STRESS_CREW_H

#include "stressor/stressor.h"

struct crew;

/*
 * Open the agents of @mix ("name=weight,..." or "all", "all,-name"): those
 * that cannot work here are left out with a note, named ones are a skip.
 */
struct crew *crew_open(struct world *w, const char *mix, uint64_t seed,
		       unsigned int nr_threads, struct reason *why);
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
void crew_record(const struct crew *c, struct rec *rec);
void crew_close(struct crew *c);

#endif
