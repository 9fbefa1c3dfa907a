/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of one test case: typed events, stored as JSON lines.
 *
 * Measuring code calls these functions and nothing else; what a person or a
 * parser sees (terminal, TSV, TAP, plots) is made from the stored file
 * later, see sink.h.  The schema is in results/README.md.
 *
 * The file appears under its final name only in rec_close(), complete and
 * fsync()ed: a killed run leaves no half record.  Errors while writing are
 * kept and returned by rec_close().
 * One thread at a time; may block.
 */
#ifndef MMUBENCH_REC_H
#define MMUBENCH_REC_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "base/hist.h"
#include "base/reason.h"
#include "record/verdict.h"

/* Raised when a reader of the old schema would misread a new record. */
#define REC_SCHEMA	1

struct rec;

enum better { BETTER_NONE, BETTER_LOWER, BETTER_HIGHER };

/*
 * Open the record of @case_name in directory @dir (made if missing), or one
 * that is only kept in memory when @dir is NULL.  The file will be
 * @dir/@case_name.jsonl.  Returns NULL with @why set on failure.
 */
struct rec *rec_open(const char *dir, const char *case_name,
		     struct reason *why);

/*
 * A line of any type; steals the reference to @line.  Used by bench.c.
 * rec_open() has made the "run" line already (schema, case, uuid, time, and
 * where it runs, see place.h): type "run" adds members to that one and
 * replaces none.
 */
void rec_line(struct rec *r, const char *type, json_t *line);

/* The lines so far, an array of objects; borrowed. */
const json_t *rec_lines(const struct rec *r);

/* A phase ended; times are timing_now_ns(). */
void rec_phase(struct rec *r, const char *name, uint64_t start_ns,
	       uint64_t end_ns);

/*
 * A distribution.  @scale converts the histogram's raw values into @unit
 * (timing_ns_per_tsc() for TSC ticks, 1 for values already in @unit); bins
 * are stored raw, so that records can be merged.  An empty histogram is
 * stored with n = 0 and no quantiles.
 */
void rec_dist(struct rec *r, const char *name, const struct hist *h,
	      const char *unit, double scale, enum better better);

/* An exact count: pages, faults, flushes, bytes. */
void rec_count(struct rec *r, const char *name, int64_t value,
	       const char *unit, enum better better);

/* A derived figure: a ratio or a rate; say in @name what it is. */
void rec_value(struct rec *r, const char *name, double value,
	       const char *unit, enum better better);

/* A curve with @n points, e.g. pages per pre-copy round. */
void rec_series(struct rec *r, const char *name, const char *x_name,
		const char *y_unit, const double *x, const double *y,
		unsigned int n);

/*
 * The outcome of checking an invariant; the text tells the state that shows
 * it.  A failed check makes the verdict FAIL.  Returns @ok.
 */
bool rec_check(struct rec *r, const char *name, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The numbers of this record cannot be trusted; several reasons may pile up. */
void rec_invalid(struct rec *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Something worth telling that changes no verdict. */
void rec_note(struct rec *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Write the verdict line and make the file appear.  @v is raised to FAIL or
 * INVALID when checks or marks say so.  @text explains a skip or failure,
 * NULL otherwise.  Frees @r.  Returns 0 or -errno with @why set; @final
 * (may be NULL) receives the verdict that was stored.
 */
int rec_close(struct rec *r, enum verdict v, const char *text,
	      enum verdict *final, struct reason *why);

/* Drop the record without a trace. */
void rec_abort(struct rec *r);

#endif
