/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns: in which order do the hands' steps begin and end?
 *
 * Either as it comes, and then that is written down, or as an earlier run has
 * written it down: then a step waits until all that came before it has happened,
 * and for its time since the last quiet moment.  Between quiet moments, hands
 * call turns_take() or turns_began(), and turns_ended(), each for itself; the
 * controller calls the rest.
 */
#ifndef MMUBENCH_STRESS_TURNS_H
#define MMUBENCH_STRESS_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/schedule.h"

struct turns;

/* @plan: the schedule to follow, copied, or NULL.  Agents are named later. */
struct turns *turns_open(unsigned int nr_hands, const struct schedule *plan,
			 struct reason *why);
void turns_close(struct turns *t);
/* The next agent's name, in the order of their numbers; before the first step. */
void turns_name(struct turns *t, const char *agent);

bool turns_follows(const struct turns *t);	/* is there a plan? */
/* Is an agent of that name needed by the plan? */
bool turns_needs(const struct turns *t, unsigned int agent);

/* The hands may begin; times count from now. */
void turns_go(struct turns *t);
/* No step begins any more, and no hand waits for its turn. */
void turns_rest(struct turns *t);
/* All hands have come to rest and a quiet moment begins. */
void turns_quiet(struct turns *t);

/* With a plan: has all happened that comes before the next quiet moment? */
bool turns_moment_over(struct turns *t);
/* With a plan: has all happened? */
bool turns_all_over(struct turns *t);

/*
 * With a plan: wait for the next step of @hand.  False: it has none before the
 * next quiet moment.
 */
bool turns_take(struct turns *t, unsigned int hand, unsigned int *agent,
		uint64_t *rng);
/*
 * A step begins now; call this also after turns_take().  Returns whose steps
 * have begun before and not ended, agent i as bit i: it is the schedule's alone.
 */
uint64_t turns_began(struct turns *t, unsigned int hand, unsigned int agent,
		     uint64_t rng);
/* It has ended; with a plan this waits for the turn of its end. */
void turns_ended(struct turns *t, unsigned int hand);

/* Write down what happened. 0 or -errno with @why. */
int turns_write(struct turns *t, const char *dir, const char *name,
		struct reason *why);

#endif
