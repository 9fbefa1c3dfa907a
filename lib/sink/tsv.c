// SPDX-License-Identifier: GPL-2.0-only
/*
 * One table, tab separated: a row per figure, check, point of a curve and
 * verdict, for spreadsheets and scripts.
 *
 * Figures are in the unit of their row.  Rows of places whose clock is
 * "emulated" carry their times too: the column is there to filter by.
 */
#include <math.h>
#include <string.h>

#include "internal.h"

static const char *const clocks[] = {
	[CLOCK_WALL] = "wall",
	[CLOCK_VIRTUAL] = "virtual",
	[CLOCK_EMULATED] = "emulated",
};

static void tsv_begin(struct sink *s)
{
	fputs("place\tclock\tcase\ttype\tname\tunit\tvalue\tn\tmin\tp50\tp90\tp99\tp999\tmax\ttext\n",
	      s->out);
}

static void head(struct sink *s, const struct record *r, const char *type,
		 const char *name, const char *unit)
{
	fprintf(s->out, "%s\t%s\t%s\t%s\t%s\t%s\t", r->place,
		clocks[r->clock], r->case_name, type, name, unit);
}

static void number(struct sink *s, double value, const char *end)
{
	if (isfinite(value))
		fprintf(s->out, "%.12g", value);
	fputs(end, s->out);
}

/* Tabs and line ends would break the table. */
static void text_row(struct sink *s, const char *text)
{
	fputs("\t\t\t\t\t\t\t\t", s->out);
	for (; text && *text; text++)
		fputc(strchr("\t\n\r", *text) ? ' ' : *text, s->out);
	fputc('\n', s->out);
}

static void dist_row(struct sink *s, const struct event *e)
{
	static const double fractions[] = { 0, .5, .9, .99, .999, 1 };
	unsigned int i;

	fprintf(s->out, "\t%llu\t", (unsigned long long)e->hist->n);
	for (i = 0; i < 6; i++)
		number(s, e->hist->n ? event_quantile(e, fractions[i]) : NAN,
		       "\t");
	fputc('\n', s->out);
}

static void value_row(struct sink *s, const struct event *e)
{
	if (e->type == EVENT_COUNT)
		fprintf(s->out, "%lld", (long long)e->count);
	else
		number(s, e->value, "");
	fputs("\t\t\t\t\t\t\t\t\n", s->out);
}

static void series_rows(struct sink *s, const struct record *r,
			const struct event *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_points; i++) {
		head(s, r, "series", e->name, e->unit);
		number(s, e->y[i], "\t\t\t\t\t\t\t\t");
		fprintf(s->out, "%s=%.12g\n", e->x_name, e->x[i]);
	}
}

static void tsv_event(struct sink *s, const struct record *r,
		      const struct event *e)
{
	switch (e->type) {
	case EVENT_DIST:
		head(s, r, "dist", e->name, e->unit);
		dist_row(s, e);
		break;
	case EVENT_COUNT:
	case EVENT_VALUE:
	case EVENT_PHASE:
		head(s, r, json_string_value(json_object_get(e->json, "type")),
		     e->name, e->unit);
		value_row(s, e);
		break;
	case EVENT_SERIES:
		series_rows(s, r, e);
		break;
	case EVENT_CHECK:
		head(s, r, "check", e->name, e->ok ? "ok" : "not ok");
		text_row(s, e->text);
		break;
	case EVENT_NOTE:
	case EVENT_INVALID:
		head(s, r, e->type == EVENT_NOTE ? "note" : "invalid", "", "");
		text_row(s, e->text);
		break;
	case EVENT_VERDICT:
		head(s, r, "verdict", verdict_name(r->verdict), "");
		text_row(s, e->text);
		break;
	default:
		break;
	}
}

const struct sink_ops sink_tsv = {
	.name = "tsv",
	.summary = "one tab-separated table of all figures",
	.begin = tsv_begin,
	.event = tsv_event,
};
