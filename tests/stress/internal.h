/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by crew.c and steps.c; private to them. */
#ifndef MMUBENCH_STRESS_INTERNAL_H
#define MMUBENCH_STRESS_INTERNAL_H

#include "crew.h"
#include "turns.h"

#define MAX_MEMBERS	SCHEDULE_MAX_AGENTS
#define MAX_HANDS	4u
#define CREW_REST_NS	50000u	/* the first rest of a hand; chosen */

struct member {
	const struct stressor_ops *ops;
	unsigned int weight;
	void *priv;
	bool is_open;
	pthread_mutex_t busy;
	uint64_t steps;
	volatile uint64_t since_ns;	/* of the step it takes, or 0 */
};

struct hand {
	struct crew *crew;
	unsigned int nr;
	uint64_t rng;
	uint64_t rest_ns;	/* how long the next rest is */
};

struct crew {
	struct world *w;
	struct member members[MAX_MEMBERS];
	unsigned int nr_members, sum;
	struct hand hands[MAX_HANDS];
	unsigned int nr_hands;
	volatile bool resting;
	struct turns *turns;
	struct member *planned[SCHEDULE_MAX_AGENTS];	/* by the plan's numbers */
};

/* The agent of that name, or NULL. */
struct member *crew_member(struct crew *c, const char *name);

#endif
