/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_COMPARE_INTERNAL_H
#define MMUBENCH_COMPARE_INTERNAL_H

#include <stdbool.h>

#include "compare/compare.h"
#include "record/recread.h"

/* The kind of a metric's number decides how two of them are compared. */
enum metric_kind {
	METRIC_EXACT,		/* must repeat in a deterministic place */
	METRIC_TIME,		/* a duration, or derived from one */
	METRIC_LOOSE,		/* a count that depends on timing */
};

enum metric_state {
	STATE_SAME,
	STATE_BETTER,
	STATE_WORSE,
	STATE_CHANGED,		/* differs, and neither direction is better */
	STATE_UNDECIDED,	/* too few rounds to tell */
	STATE_CHANCE,		/* varies as much within a side */
	NR_STATES
};

/* One side of a metric: a value per round. */
struct side {
	double *v;		/* in order of the records, later sorted */
	size_t n;
	double median, low, high;	/* of the median, 95 % */
};

struct metric {
	const char *place, *case_name;
	char name[160];		/* "fault.p99" */
	const char *unit;
	enum better better;
	enum metric_kind kind;
	bool deterministic;
	double tolerance;	/* relative, deterministic times */
	struct side a, b;
	double change;		/* relative, of the medians; NaN */
	double p;		/* adjusted; NaN when not tested */
	bool differs;		/* anywhere, by more than the tolerance */
	enum metric_state state;
};

/* A case that ended differently than before, or is on one side only. */
struct turn {
	const char *place, *case_name;
	const char *from, *to;	/* verdict names or "absent" */
	const char *text;	/* why, or NULL */
	bool worse;
};

/* A case that ran with different options on each side: not comparable. */
struct mismatch {
	const char *place, *case_name, *option;
	char a[60], b[60];
};

struct comparison {
	const struct compare_options *opts;
	struct metric *metrics;
	size_t nr_metrics;
	json_t *index;		/* "place case name" -> number of the metric */
	json_t *rounds[2];	/* "place case" -> compared records, A and B */
	struct turn *turns;
	size_t nr_turns;
	struct mismatch *mismatches;
	size_t nr_mismatches;
	size_t nr_cases;	/* on both sides */
	size_t nr_passed;	/* likewise */
	size_t nr_state[NR_STATES];
	size_t nr_differ;
	/* Metrics tested together: without and with a better direction. */
	size_t nr_tested[2];
	unsigned int rounds_needed;	/* a side, for a verdict on nr_tested[1] */
	bool worse;
};

/*
 * Add the figures of @set: as side A if @a is NULL, else as side B, to be
 * compared with the records of @a.  0 or -ENOMEM.
 */
int compare_add_set(struct comparison *c, const struct recset *set,
		    const struct recset *a);

/*
 * Add the zeros that records leave out: a KVM counter that did not change is
 * not stored.  Call after both sets are added.  0 or -ENOMEM.
 */
int compare_fill_zeros(struct comparison *c);

void compare_print_text(const struct comparison *c, FILE *out);
void compare_print_json(const struct comparison *c, FILE *out);
void compare_print_cases(const struct comparison *c, FILE *out);

#endif
