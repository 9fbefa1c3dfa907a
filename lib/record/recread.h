/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read stored records back as typed, validated events.
 *
 * A record is valid as a whole or it is rejected: a file that was truncated,
 * edited into nonsense or written with a later schema gives one sentence that
 * names file and line.  Line types and members that this version does not
 * know are kept, and readers skip them; see results/README.md.
 */
#ifndef MMUBENCH_RECREAD_H
#define MMUBENCH_RECREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/hist.h"
#include "base/reason.h"
#include "record/place.h"
#include "record/rec.h"

enum event_type {
	EVENT_RUN,
	EVENT_ENV,
	EVENT_PHASE,
	EVENT_DIST,
	EVENT_COUNT,
	EVENT_VALUE,
	EVENT_SERIES,
	EVENT_CHECK,
	EVENT_NOTE,
	EVENT_INVALID,
	EVENT_VERDICT,
	EVENT_OTHER,		/* a type of a later version */
};

/* Members that a type does not have are NULL or 0. */
struct event {
	enum event_type type;
	const char *name;
	const char *unit;
	const char *text;	/* note, invalid, check, verdict */
	const char *x_name;	/* series */
	enum better better;
	bool has_value;		/* false: stored as null, undefined */
	double value;		/* value, count; phase: ns */
	int64_t count;		/* count, exact */
	bool ok;		/* check */
	double scale;		/* dist: raw value * scale is in unit */
	struct hist *hist;	/* dist; owned by the record */
	double *x, *y;		/* series; owned by the record */
	unsigned int nr_points;
	const json_t *json;	/* the whole line */
};

struct record {
	char *path;
	const char *case_name;
	const char *place;	/* "host", "amd-npt" */
	const char *emulator;
	enum place_clock clock;
	const char *uuid;
	const char *time;
	enum verdict verdict;
	const char *verdict_text;	/* or NULL */
	const json_t *run;
	const json_t *env;	/* or NULL */
	struct event *events;
	size_t nr_events;
	json_t *lines;
};

/*
 * Returns NULL and sets @why if the file cannot be read or is not a valid
 * record.  Free with record_free().
 */
struct record *record_read(const char *path, struct reason *why);
/* Same, from memory; messages use @name in place of the file's. */
struct record *record_parse(const char *name, const char *text, size_t len,
			    struct reason *why);
void record_free(struct record *r);

/* The first event of @type called @name, or NULL. */
const struct event *record_find(const struct record *r, enum event_type type,
				const char *name);

/* A quantile of a dist in its unit. */
double event_quantile(const struct event *e, double fraction);

/* All records of a run directory, ordered by place ("host" first) and case. */
struct recset {
	char *dir;
	struct record **v;
	size_t nr;
};

/*
 * Read every *.jsonl in @dir and in three levels of directories below it.
 * @dir may also be a single record.  A case may occur several times in one
 * place (repeats).  0, or -errno with @why; -ENOENT if there is no record.
 */
int recset_load(struct recset *set, const char *dir, struct reason *why);
void recset_free(struct recset *set);

#endif
