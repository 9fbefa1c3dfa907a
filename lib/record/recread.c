// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stored records read back as typed events, see recread.h.
 *
 * Method: each line is parsed by jansson and becomes an event (event.c); the
 * first and the last one say what the record is and how it ended.  The first
 * objection ends the reading with a sentence that names file and line.
 *
 * It cannot tell a record that was forged consistently from a measured one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

/* A record of a long run is a few MiB; beyond this it is some other file. */
#define MAX_FILE_BYTES	(256l << 20)

static int read_clock(struct record *r, struct objection *o)
{
	const char *text = "";
	int clock, ret = event_get_string(r->run, "clock", &text, o);

	if (ret)
		return ret;
	clock = place_clock_of(text);
	if (clock < 0)
		return event_refuse(o, "clock '%.20s' is not wall, virtual or emulated",
				    text);
	r->clock = clock;
	return 0;
}

static int read_run(struct record *r, struct objection *o)
{
	const json_t *schema;

	if (r->events[0].type != EVENT_RUN)
		return event_refuse(o, "the first line is not of type 'run'");
	r->run = r->events[0].json;
	schema = json_object_get(r->run, "schema");
	if (!json_is_integer(schema) || json_integer_value(schema) < 1)
		return event_refuse(o, "'schema' is missing");
	if (json_integer_value(schema) > REC_SCHEMA)
		return event_refuse(o, "schema %lld is newer than this version reads (%d); use a newer mmubench",
				    (long long)json_integer_value(schema),
				    REC_SCHEMA);
	return event_get_name(r->run, "case", &r->case_name, o) ?:
	       event_get_name(r->run, "place", &r->place, o) ?:
	       event_get_name(r->run, "emulator", &r->emulator, o) ?:
	       event_get_string(r->run, "uuid", &r->uuid, o) ?:
	       event_get_string(r->run, "time", &r->time, o) ?: read_clock(r, o);
}

static int read_last(struct record *r, struct objection *o)
{
	const struct event *last = &r->events[r->nr_events - 1];
	int v;

	if (last->type != EVENT_VERDICT)
		return event_refuse(o, "the last line is not a verdict: the file was truncated");
	for (v = VERDICT_PASS; v <= VERDICT_INVALID; v++)
		if (!strcmp(last->name, verdict_name(v))) {
			r->verdict = v;
			r->verdict_text = last->text;
			return 0;
		}
	return event_refuse(o, "verdict '%.20s' is not pass, fail, skip or invalid",
			    last->name);
}

/* Append the event of one line of text. */
static int add_line(struct record *r, const char *text, size_t len,
		    struct objection *o)
{
	size_t nr = r->nr_events;
	struct event *grown;
	json_error_t err;
	json_t *line;

	/* Double at powers of two. */
	if (!(nr & (nr - 1))) {
		grown = realloc(r->events, (nr ? 2 * nr : 1) * sizeof(*grown));
		if (!grown)
			return event_refuse(o, "no memory");
		r->events = grown;
	}
	line = json_loadb(text, len, JSON_REJECT_DUPLICATES, &err);
	if (!line)
		return event_refuse(o, "it is not JSON (%.120s)", err.text);
	if (json_array_append_new(r->lines, line))
		return event_refuse(o, "no memory");
	memset(&r->events[nr], 0, sizeof(*r->events));
	r->nr_events++;
	return event_read(&r->events[nr], line, o);
}

static int parse_lines(struct record *r, const char *text, size_t len,
		       size_t *line_nr, struct objection *o)
{
	const char *end = text + len, *nl;
	int ret = 0;

	for (*line_nr = 1; text < end && !ret; text = nl + 1, ++*line_nr) {
		nl = memchr(text, '\n', end - text);
		if (!nl)
			return event_refuse(o, "it has no end: the file was truncated");
		ret = add_line(r, text, nl - text, o);
		if (ret)
			return ret;
		if (*line_nr == 1)
			ret = read_run(r, o);
		if (ret)
			return ret;
		if (r->events[r->nr_events - 1].type == EVENT_ENV)
			r->env = r->events[r->nr_events - 1].json;
	}
	if (!r->nr_events)
		return event_refuse(o, "the file is empty");
	--*line_nr;
	return read_last(r, o);
}

struct record *record_parse(const char *name, const char *text, size_t len,
			    struct reason *why)
{
	struct record *r = calloc(1, sizeof(*r));
	struct objection o = { "no memory" };
	size_t line_nr = 0;

	if (r) {
		r->path = strdup(name);
		r->lines = json_array();
	}
	if (r && r->path && r->lines &&
	    !parse_lines(r, text, len, &line_nr, &o))
		return r;
	reason_set(why, -EBADMSG,
		   "'%s' is not a valid record, line %zu: %s; move it away or run the case again",
		   name, line_nr, o.text);
	record_free(r);
	return NULL;
}

void record_free(struct record *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->nr_events; i++) {
		free(r->events[i].hist);
		free(r->events[i].x);
		free(r->events[i].y);
	}
	free(r->events);
	json_decref(r->lines);
	free(r->path);
	free(r);
}

static char *read_file(const char *path, size_t *len, struct reason *why)
{
	struct stat st;
	char *text;
	FILE *f;

	if (stat(path, &st)) {
		reason_usage(why, -errno, "cannot read '%s': %s", path,
			     strerror(errno));
		return NULL;
	}
	/* Checked before the file is opened: opening a pipe would wait. */
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE_BYTES) {
		reason_set(why, -EBADMSG,
			   "'%s' is not a record: it is not a file of at most %ld MiB",
			   path, MAX_FILE_BYTES >> 20);
		return NULL;
	}
	f = fopen(path, "re");
	text = malloc(st.st_size + 1);
	*len = f && text ? fread(text, 1, st.st_size, f) : 0;
	if (!f || !text || ferror(f)) {
		reason_set(why, errno ? -errno : -EIO, "cannot read '%s': %s",
			   path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

struct record *record_read(const char *path, struct reason *why)
{
	struct record *r;
	size_t len;
	char *text = read_file(path, &len, why);

	if (!text)
		return NULL;
	r = record_parse(path, text, len, why);
	free(text);
	return r;
}

const struct event *record_find(const struct record *r, enum event_type type,
				const char *name)
{
	size_t i;

	for (i = 0; i < r->nr_events; i++)
		if (r->events[i].type == type && r->events[i].name &&
		    !strcmp(r->events[i].name, name))
			return &r->events[i];
	return NULL;
}
