// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table for a cover letter: plain ASCII, 78 columns, what it was measured
 * on above it and the command that measures it again below.
 *
 * One row per figure with a better direction; medians alone hide the tail, so
 * p99 and maximum stand beside them.  Times of an emulator's wall
 * clock are left out.
 */
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

#define NAME_WIDTH	40

static const char *env_text(const struct record *r, const char *group,
			    const char *key)
{
	const json_t *j = json_object_get(json_object_get(r->env, group), key);

	return json_string_value(j) ?: "unknown";
}

static bool same_place(const struct record *a, const struct record *b)
{
	return a->clock == b->clock && !strcmp(a->place, b->place);
}

static void place_head(struct sink *s, const struct record *r)
{
	char text[400];

	snprintf(text, sizeof(text), "%.60s (%s), %.100s, Linux %.100s, mmubench %.40s",
		 r->place, r->clock == CLOCK_VIRTUAL ? "virtual time" :
		 r->clock == CLOCK_EMULATED ? "emulated, no times" : "wall clock",
		 env_text(r, "cpu", "model"), env_text(r, "kernel", "release"),
		 json_string_value(json_object_get(r->run, "version")) ?: "?");
	fmt_wrap(s->out, "", text);
	fprintf(s->out, "\n%-*s %8s %8s %8s %8s\n", NAME_WIDTH, "", "n", "p50",
		"p99", "max");
}

static void mail_begin(struct sink *s, const struct record *r, size_t i)
{
	char name[FMT_WIDTH + 1];

	if (!i || !same_place(s->set->v[i - 1], r)) {
		if (i)
			fputc('\n', s->out);
		place_head(s, r);
	}
	fprintf(s->out, "%s\n",
		fmt_shorten(name, sizeof(name), r->case_name, FMT_WIDTH));
}

static void mail_row(struct sink *s, const struct event *e)
{
	static const double fractions[] = { .5, .99, 1 };
	char name[NAME_WIDTH + 1], cell[60];
	unsigned int i;

	fprintf(s->out, "  %-*s", NAME_WIDTH - 2,
		fmt_shorten(name, sizeof(name), e->name, NAME_WIDTH - 2));
	if (e->type != EVENT_DIST) {
		fprintf(s->out, " %8s %8s\n", "",
			fmt_cell(cell, sizeof(cell), e->value, e->unit));
		return;
	}
	fprintf(s->out, " %8s", fmt_cell(cell, sizeof(cell), e->hist->n, ""));
	for (i = 0; i < 3; i++)
		fprintf(s->out, " %8s",
			fmt_cell(cell, sizeof(cell),
				 event_quantile(e, fractions[i]), e->unit));
	fputc('\n', s->out);
}

static void mail_event(struct sink *s, const struct record *r,
		       const struct event *e)
{
	bool figure = (e->type == EVENT_DIST && e->hist->n) ||
		      e->type == EVENT_VALUE || e->type == EVENT_COUNT;

	if (!figure || e->better == BETTER_NONE ||
	    !strncmp(e->name, "self.", 5) ||
	    (r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit)))
		return;
	mail_row(s, e);
}

static void mail_record_end(struct sink *s, const struct record *r, size_t i)
{
	char head[40];

	if (r->verdict == VERDICT_PASS)
		return;
	snprintf(head, sizeof(head), "  %s: ", verdict_name(r->verdict));
	fmt_wrap(s->out, head, r->verdict_text ? r->verdict_text : "");
}

/* The last part of a path, which is the same on every machine. */
static const char *plain_word(const char *word)
{
	const char *slash = strrchr(word, '/');

	return *word == '/' && slash ? slash + 1 : word;
}

/* What the driver adds to run a case, and where the results went. */
static bool is_plumbing(const char *word)
{
	return !strcmp(word, "--in-process") || !strncmp(word, "--format", 8) ||
	       !strncmp(word, "--results=", 10);
}

static void mail_end(struct sink *s)
{
	const json_t *argv, *word;
	size_t i;

	if (!s->set->nr)
		return;
	argv = json_object_get(s->set->v[0]->run, "argv");
	fputs("\nThe first case was measured with:\n ", s->out);
	json_array_foreach((json_t *)argv, i, word) {
		const char *text = json_string_value(word) ?: "";

		if (!strcmp(text, "--results") || !strcmp(text, "--case"))
			i++;
		else if (!is_plumbing(text))
			fprintf(s->out, " %s", plain_word(text));
	}
	fprintf(s->out, " --case %s\n", s->set->v[0]->case_name);
}

const struct sink_ops sink_mail = {
	.name = "mail",
	.summary = "a table for a cover letter, 78 columns of ASCII",
	.record_begin = mail_begin,
	.event = mail_event,
	.record_end = mail_record_end,
	.end = mail_end,
};
