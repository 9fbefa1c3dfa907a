// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML, as GitLab, Jenkins and most CI services read it: a test suite per
 * place, a test case per record.
 *
 * FAIL is a failure and INVALID is an error: the numbers must not be taken.
 * The time of a case is the sum of its phases; places whose clock is no wall
 * clock state none.  Bytes that XML forbids become '?'.
 */
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

static void text(struct sink *s, const char *t)
{
	for (; *t; t++) {
		switch (*t) {
		case '<': fputs("&lt;", s->out); break;
		case '>': fputs("&gt;", s->out); break;
		case '&': fputs("&amp;", s->out); break;
		case '"': fputs("&quot;", s->out); break;
		case '\n': fputs("&#10;", s->out); break;
		case '\t': fputc(' ', s->out); break;
		default: fputc((unsigned char)*t < ' ' ? '?' : *t, s->out);
		}
	}
}

static void suite_head(struct sink *s, size_t first)
{
	const struct recset *set = s->set;
	size_t n[4] = { 0 }, i;

	for (i = first; i < set->nr && !strcmp(set->v[i]->place, set->v[first]->place); i++)
		n[set->v[i]->verdict]++;
	fputs("<testsuite name=\"", s->out);
	text(s, set->v[first]->place);
	fprintf(s->out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" timestamp=\"",
		i - first, n[VERDICT_FAIL], n[VERDICT_INVALID], n[VERDICT_SKIP]);
	text(s, set->v[first]->time);
	fputs("\">\n", s->out);
}

static void junit_begin(struct sink *s)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mmubench\">\n",
	      s->out);
}

static double seconds_of(const struct record *r)
{
	double ns = 0;
	size_t i;

	for (i = 0; i < r->nr_events; i++)
		if (r->events[i].type == EVENT_PHASE)
			ns += r->events[i].value;
	return ns / 1e9;
}

static void junit_record_begin(struct sink *s, const struct record *r, size_t i)
{
	if (!i || strcmp(r->place, s->set->v[i - 1]->place))
		suite_head(s, i);
	fputs("<testcase classname=\"", s->out);
	text(s, r->place);
	fputs("\" name=\"", s->out);
	text(s, r->case_name);
	fputc('"', s->out);
	if (r->clock == CLOCK_WALL)
		fprintf(s->out, " time=\"%.3f\"", seconds_of(r));
	fputs(">\n", s->out);
}

static void outcome(struct sink *s, const struct record *r)
{
	static const char *const tags[] = {
		[VERDICT_FAIL] = "failure", [VERDICT_INVALID] = "error",
		[VERDICT_SKIP] = "skipped",
	};

	if (r->verdict == VERDICT_PASS)
		return;
	fprintf(s->out, "<%s message=\"", tags[r->verdict]);
	text(s, r->verdict_text ? r->verdict_text : "no reason given");
	fputs("\"/>\n", s->out);
}

static void figures(struct sink *s, const struct record *r)
{
	size_t i;

	fputs("<system-out>", s->out);
	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];
		double value = e->type == EVENT_DIST && e->hist->n ?
			event_quantile(e, .5) : e->value;

		if ((e->type != EVENT_DIST && e->type != EVENT_VALUE) ||
		    (r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit)) ||
		    !isfinite(value))
			continue;
		text(s, e->name);
		fprintf(s->out, "%s %.12g ", e->type == EVENT_DIST ? ".p50" : "",
			value);
		text(s, e->unit);
		fputc('\n', s->out);
	}
	fputs("</system-out>\n", s->out);
}

static void junit_record_end(struct sink *s, const struct record *r, size_t i)
{
	outcome(s, r);
	if (r->verdict == VERDICT_PASS)
		figures(s, r);
	fputs("</testcase>\n", s->out);
	if (i + 1 == s->set->nr || strcmp(r->place, s->set->v[i + 1]->place))
		fputs("</testsuite>\n", s->out);
}

static void junit_end(struct sink *s)
{
	fputs("</testsuites>\n", s->out);
}

const struct sink_ops sink_junit = {
	.name = "junit",
	.summary = "JUnit XML, a test suite per place",
	.begin = junit_begin,
	.record_begin = junit_record_begin,
	.record_end = junit_record_end,
	.end = junit_end,
};
