/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who took which step when: the schedule of a run whose agents work side by
 * side, in a file beside the record, so that the run can be repeated.
 *
 * A schedule is the list of all beginnings and ends of steps in the order in
 * which they happened.  It is divided by quiet moments, in which nobody works;
 * times count from the last of them.  A step is named by its agent and by the
 * value that the hand's random stream had when it began, from which all that
 * it does follows.
 *
 * Only the last SCHEDULE_MAX_EVENTS are kept, from a quiet moment on if one of
 * them is left.
 */
#ifndef MMUBENCH_SCHEDULE_H
#define MMUBENCH_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* Chosen: 500 KB as text, and several minutes of steps. */
#define SCHEDULE_MAX_EVENTS	32768u
#define SCHEDULE_MAX_HANDS	16u
#define SCHEDULE_MAX_AGENTS	64u
#define SCHEDULE_NAME_BYTES	32u
/* Behind the name of the case, where a record would have ".jsonl". */
#define SCHEDULE_SUFFIX		".schedule"

enum schedule_what {
	SCHEDULE_BEGIN,		/* a hand begins an agent's step */
	SCHEDULE_END,		/* its step has ended */
	SCHEDULE_QUIET,		/* all stand still */
};

struct schedule_event {
	uint64_t rng;		/* BEGIN: the hand's random stream */
	uint32_t us;		/* since the last quiet moment ended */
	uint8_t what;		/* enum schedule_what */
	uint8_t hand, agent;	/* BEGIN; END has the hand alone */
};

struct schedule {
	unsigned int nr_hands, nr_agents;
	char agents[SCHEDULE_MAX_AGENTS][SCHEDULE_NAME_BYTES];
	uint64_t dropped;	/* events before the first that is kept */
	struct schedule_event *events;
	size_t nr;
};

/* Write @s as @dir/@name, complete or not at all. 0 or -errno with @why. */
int schedule_write(const char *dir, const char *name, const struct schedule *s,
		   struct reason *why);

/*
 * Read what schedule_write() wrote; free with schedule_free().  0, or -errno
 * with @why, a USAGE that names file and line if the file is damaged.
 */
int schedule_read(const char *path, struct schedule *s, struct reason *why);
void schedule_free(struct schedule *s);

#endif
