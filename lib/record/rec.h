/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write the record of one test case: typed events, stored as JSON lines.
 *
 * Measuring code reports through these functions alone.  Everything a person
 * or a parser sees (terminal, TSV, TAP, plots) is made from the stored file
 * afterwards, see sink.h.  The schema is in results/README.md.
 *
 * The file appears under its final name only in rec_close(), complete and
 * fsync()ed, so a killed run leaves no partial record.  Write errors are
 * remembered and returned by rec_close().
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
 * Open the record of @case_name in directory @dir, which is made if missing.
 * The file will be @dir/@case_name.jsonl; if @dir is NULL, the record stays in
 * memory.  Returns NULL with @why on failure.
 */
struct rec *rec_open(const char *dir, const char *case_name,
		     struct reason *why);

/*
 * Add a line of any type; steals the reference to @line.  For the frame, and for
 * what a program knows of a run that the frame does not.
 * rec_open() has already made the "run" line: schema, case, uuid, time and
 * place (see place.h).  Type "run" therefore adds members to that line; it
 * replaces none.
 */
void rec_line(struct rec *r, const char *type, json_t *line);

/* The lines so far, as an array of objects.  Borrowed reference. */
const json_t *rec_lines(const struct rec *r);

/* Record a phase that has ended; times are timing_now_ns(). */
void rec_phase(struct rec *r, const char *name, uint64_t start_ns,
	       uint64_t end_ns);

/*
 * Record a distribution.  @scale converts the histogram's raw values into
 * @unit: timing_ns_per_tsc() for TSC ticks, 1 for values already in @unit.
 * Bins are stored raw, so that records can be merged.  An empty histogram is
 * stored with n = 0 and no quantiles.
 */
void rec_dist(struct rec *r, const char *name, const struct hist *h,
	      const char *unit, double scale, enum better better);

/* Record an exact count: pages, faults, flushes, bytes. */
void rec_count(struct rec *r, const char *name, int64_t value,
	       const char *unit, enum better better);

/* Record a derived figure, a ratio or a rate; @name says what it is. */
void rec_value(struct rec *r, const char *name, double value,
	       const char *unit, enum better better);

/* Record a curve with @n points, e.g. pages per pre-copy round. */
void rec_series(struct rec *r, const char *name, const char *x_name,
		const char *y_unit, const double *x, const double *y,
		unsigned int n);

/*
 * Record whether an invariant held; the text gives the state that shows it.
 * A failed check makes the verdict FAIL.  Returns @ok.
 */
bool rec_check(struct rec *r, const char *name, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Mark the record's numbers as not to be trusted; may be called repeatedly. */
void rec_invalid(struct rec *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Record something worth knowing that does not affect the verdict. */
void rec_note(struct rec *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Write the verdict line, make the file appear and free @r.  A failed check
 * raises @v to FAIL, an invalid mark to INVALID.  @text explains a skip or a
 * failure and is NULL otherwise.  @final, which may be NULL, receives the
 * verdict that was stored.  Returns 0, or -errno with @why.
 */
int rec_close(struct rec *r, enum verdict v, const char *text,
	      enum verdict *final, struct reason *why);

/* Discard the record; no file is left. */
void rec_abort(struct rec *r);

#endif
