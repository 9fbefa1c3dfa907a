/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the summary's table and the sections below it; private to both. */
#ifndef MMUBENCH_SUMMARY_INTERNAL_H
#define MMUBENCH_SUMMARY_INTERNAL_H

#include <stdbool.h>
#include <string.h>

#include "sink/sink.h"

#define LABEL_WIDTH	29
#define SPARK_WIDTH	10
#define COLUMN_WIDTH	11
/* Columns left of FMT_WIDTH for places. */
#define MAX_COLUMNS	3

/* Chosen: far above the number of cases; any further ones are left out. */
#define MAX_NAMES	8192

struct names {
	const char *v[MAX_NAMES];
	size_t nr;
};

/* A column: a place, which may have run both with and without virtual time. */
struct column {
	const char *place;
	enum place_clock clock;
};

#define MAX_PLACES	64

struct columns {
	struct column v[MAX_PLACES];
	size_t nr;
};

struct block {
	const struct recset *set;
	const struct column *columns;
	size_t nr_places;
	FILE *out;
	bool utf8;
};

static inline bool in_column(const struct record *r, const struct column *c)
{
	return r->clock == c->clock && !strcmp(r->place, c->place);
}

/* Add @name; false if it was already there. */
bool summary_add_name(struct names *names, const char *name);

bool summary_is_figure(const struct event *e);
bool summary_is_self(const char *name);
bool summary_is_ratio(const struct event *e);

/* Print what stands below the table of @b: ratios and the harness's own cost. */
void summary_sections(const struct block *b);

/* Print the end: what the clocks mean, what did not pass and why, totals. */
void summary_notes(struct sink *s, const struct columns *columns);

#endif
