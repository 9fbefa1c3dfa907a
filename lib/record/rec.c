// SPDX-License-Identifier: GPL-2.0-only
/*
 * The record of one test case as JSON lines, see rec.h.
 *
 * Method: every event becomes one jansson object in memory; rec_close() turns
 * them into text and lets the file appear whole.  Nothing touches the disk
 * while a case measures.  The first event that could not be made (no memory,
 * a bad name) is kept and fails rec_close().
 *
 * It cannot tell what a crashed process had measured so far; the frame
 * writes a record for the dead case in its place.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/outfile.h"
#include "base/timing.h"
#include "base/uuid.h"
#include "record/place.h"
#include "internal.h"

/* 12 digits: more than any clock here resolves, and 0.1 stays 0.1. */
#define DUMP_FLAGS	(JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12))

struct rec {
	char *dir;		/* NULL: kept in memory only */
	char *case_name;
	json_t *lines;		/* array; [0] is the run line */
	uint64_t opened_ns;
	unsigned int nr_failed;
	unsigned int nr_invalid;
	char cause[320];	/* of the verdict: first failed check or mark */
	int err;		/* the first error, -errno */
};

static const char *const better_names[] = {
	[BETTER_NONE] = "none",
	[BETTER_LOWER] = "lower",
	[BETTER_HIGHER] = "higher",
};

static void keep_error(struct rec *r, int err)
{
	if (!r->err)
		r->err = err;
}

/* Append an object whose first member is the type; steals @line. */
static void append(struct rec *r, const char *type, json_t *line)
{
	json_t *full = json_pack("{s:s}", "type", type);

	if (!line || !full || json_object_update(full, line) ||
	    json_array_append(r->lines, full))
		keep_error(r, -ENOMEM);
	json_decref(full);
	json_decref(line);
}

/* What a record says of itself; bench/case.c adds options, seed and command. */
static json_t *run_line(const char *case_name)
{
	char uuid[UUID_TEXT], when[32];
	time_t now = time(NULL);
	struct tm tm;
	json_t *run;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	uuid_make(uuid);
	run = json_pack("{s:s, s:i, s:s, s:s, s:s}", "type", "run",
			"schema", REC_SCHEMA, "case", case_name,
			"uuid", uuid, "time", when);
	part_set(&run, "place", part_text(place_name()));
	part_set(&run, "emulator", part_text(place_emulator()));
	part_set(&run, "clock", part_text(place_clock()));
	return run;
}

static bool case_name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len && !name[len] && name[0] != '.' && len < 200;
}

static void rec_free(struct rec *r)
{
	json_decref(r->lines);
	free(r->case_name);
	free(r->dir);
	free(r);
}

struct rec *rec_open(const char *dir, const char *case_name,
		     struct reason *why)
{
	struct rec *r;

	if (!case_name_ok(case_name)) {
		reason_set(why, -EINVAL,
			   "'%.100s' cannot name a record: use letters, digits, '.', '_' and '-', at most 199",
			   case_name);
		return NULL;
	}
	if (dir && outfile_mkdirs(dir, why))
		return NULL;
	if (dir)
		outfile_sweep(dir);
	r = calloc(1, sizeof(*r));
	if (r) {
		r->opened_ns = timing_now_ns();
		r->case_name = strdup(case_name);
		r->dir = dir ? strdup(dir) : NULL;
		r->lines = json_array();
	}
	if (!r || !r->case_name || (dir && !r->dir) ||
	    json_array_append_new(r->lines, run_line(case_name))) {
		reason_set(why, -ENOMEM, "no memory for the record of %s",
			   case_name);
		if (r)
			rec_free(r);
		return NULL;
	}
	return r;
}

/* jansson's own function for this forgets to tell of missing memory. */
static int add_missing(json_t *to, json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach(from, key, value)
		if (!json_object_get(to, key) && json_object_set(to, key, value))
			return -ENOMEM;
	return 0;
}

void rec_line(struct rec *r, const char *type, json_t *line)
{
	if (strcmp(type, "run")) {
		append(r, type, line);
		return;
	}
	/* One run line per record: its identity stays, the rest is added. */
	if (!line || add_missing(json_array_get(r->lines, 0), line))
		keep_error(r, -ENOMEM);
	json_decref(line);
}

const json_t *rec_lines(const struct rec *r)
{
	return r->lines;
}

void rec_phase(struct rec *r, const char *name, uint64_t start_ns,
	       uint64_t end_ns)
{
	int64_t start = start_ns - r->opened_ns;

	append(r, "phase", json_pack("{s:s, s:I, s:I}", "name", name,
				     "start_ns", (json_int_t)start, "ns",
				     (json_int_t)(end_ns - start_ns)));
}

void rec_dist(struct rec *r, const char *name, const struct hist *h,
	      const char *unit, double scale, enum better better)
{
	json_t *line = json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", name,
				 "unit", unit, "better", better_names[better],
				 "scale", part_real(scale), "n", part_u64(h->n));

	if (h->n)
		part_hist(&line, h, scale);
	append(r, "dist", line);
}

void rec_count(struct rec *r, const char *name, int64_t value,
	       const char *unit, enum better better)
{
	append(r, "count", json_pack("{s:s, s:I, s:s, s:s}", "name", name,
				     "value", (json_int_t)value, "unit", unit,
				     "better", better_names[better]));
}

void rec_value(struct rec *r, const char *name, double value,
	       const char *unit, enum better better)
{
	append(r, "value", json_pack("{s:s, s:o, s:s, s:s}", "name", name,
				     "value", part_real(value), "unit", unit,
				     "better", better_names[better]));
}

void rec_series(struct rec *r, const char *name, const char *x_name,
		const char *y_unit, const double *x, const double *y,
		unsigned int n)
{
	json_t *xs = json_array(), *ys = json_array();
	unsigned int i;

	for (i = 0; i < n; i++) {
		part_push(&xs, part_real(x[i]));
		part_push(&ys, part_real(y[i]));
	}
	append(r, "series", json_pack("{s:s, s:s, s:s, s:o, s:o}",
				      "name", name, "x_name", x_name, "unit",
				      y_unit, "x", xs, "y", ys));
}

/* Format a sentence and append it under @key to @line (stolen). */
static void __attribute__((format(printf, 4, 0)))
append_text(struct rec *r, const char *type, json_t *line, const char *fmt,
	    va_list ap, char *cause, size_t size)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	if (!text || !line ||
	    json_object_set_new(line, "text", part_text(text)))
		keep_error(r, -ENOMEM);
	else if (cause)
		snprintf(cause, size, "%s", text);
	free(text);
	append(r, type, line);
}

bool rec_check(struct rec *r, const char *name, bool ok, const char *fmt, ...)
{
	json_t *line = json_pack("{s:s, s:b}", "name", name, "ok", (int)ok);
	char state[240] = "";
	va_list ap;

	va_start(ap, fmt);
	append_text(r, "check", line, fmt, ap, state, sizeof(state));
	va_end(ap);
	if (!ok && !r->nr_failed++)
		snprintf(r->cause, sizeof(r->cause), "%.70s: %s", name, state);
	return ok;
}

void rec_invalid(struct rec *r, const char *fmt, ...)
{
	bool first = !r->nr_failed && !r->nr_invalid;
	va_list ap;

	va_start(ap, fmt);
	append_text(r, "invalid", json_object(), fmt, ap,
		    first ? r->cause : NULL, sizeof(r->cause));
	va_end(ap);
	r->nr_invalid++;
}

void rec_note(struct rec *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append_text(r, "note", json_object(), fmt, ap, NULL, 0);
	va_end(ap);
}

/* What the verdict would be now, given the checks and invalid marks so far. */
static enum verdict verdict_so_far(const struct rec *r)
{
	if (r->nr_failed)
		return VERDICT_FAIL;
	return r->nr_invalid ? VERDICT_INVALID : VERDICT_PASS;
}

/* What @v becomes in the light of the checks: failures outweigh all else. */
static enum verdict raise_verdict(const struct rec *r, enum verdict v)
{
	enum verdict seen = verdict_so_far(r);

	if (seen == VERDICT_FAIL)
		return VERDICT_FAIL;
	return v == VERDICT_PASS ? seen : v;
}

static void append_verdict(struct rec *r, enum verdict v, const char *text)
{
	json_t *line = json_pack("{s:s, s:b}", "verdict", verdict_name(v),
				 "valid", v != VERDICT_INVALID);

	if (!text && v != VERDICT_PASS && *r->cause)
		text = r->cause;
	if (text)
		part_set(&line, "text", part_text(text));
	append(r, "verdict", line);
}

/* All lines as text, malloc()ed; NULL without memory. */
static char *lines_text(const json_t *lines, size_t *len)
{
	char *text = NULL;
	bool ok = true;
	size_t i;
	FILE *f;

	f = open_memstream(&text, len);
	if (!f)
		return NULL;
	for (i = 0; i < json_array_size(lines) && ok; i++) {
		ok = !json_dumpf(json_array_get(lines, i), f, DUMP_FLAGS) &&
		     fputc('\n', f) != EOF;
	}
	/* The stream remembers what jansson may have overlooked. */
	ok = ok && !ferror(f);
	if (fclose(f) || !ok) {
		free(text);
		return NULL;
	}
	return text;
}

static int write_lines(const struct rec *r, struct reason *why)
{
	char name[NAME_MAX + 1];
	size_t len = 0;
	char *text = lines_text(r->lines, &len);
	int ret;

	snprintf(name, sizeof(name), "%s.jsonl", r->case_name);
	if (!text)
		return reason_set(why, -ENOMEM,
				  "no memory to write the record %s", name);
	ret = outfile_write(r->dir, name, text, len, why);
	free(text);
	return ret;
}

int rec_close(struct rec *r, enum verdict v, const char *text,
	      enum verdict *final, struct reason *why)
{
	int ret;

	v = raise_verdict(r, v);
	append_verdict(r, v, text);
	if (final)
		*final = v;
	ret = r->err;
	if (ret)
		reason_set(why, ret,
			   "the record of %s is incomplete (%s) and was not written",
			   r->case_name, strerror(-ret));
	else if (r->dir)
		ret = write_lines(r, why);
	rec_free(r);
	return ret;
}

void rec_abort(struct rec *r)
{
	if (r)
		rec_free(r);
}
