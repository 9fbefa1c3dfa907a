// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comma-separated values for spreadsheets (RFC 4180, but lines end as on Unix):
 * a row per figure of each record, and one for its verdict.  Times of an
 * emulator's wall clock are left out; "tsv" has all there is.
 */
#include "figure.h"
#include "internal.h"

static void field(struct sink *s, const char *text, char end)
{
	fputc('"', s->out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', s->out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, s->out);
	}
	fprintf(s->out, "\"%c", end);
}

static void csv_begin(struct sink *s)
{
	fputs("place,case,figure,value,unit,text\n", s->out);
}

static void csv_figure(struct sink *s, const struct record *r, const char *name,
		       const char *part, double value, const char *unit)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%.400s%.100s", name, part);
	field(s, r->place, ',');
	field(s, r->case_name, ',');
	field(s, whole, ',');
	fprintf(s->out, "%.12g,", value);
	field(s, unit, ',');
	field(s, "", '\n');
}

static void csv_event(struct sink *s, const struct record *r,
		      const struct event *e)
{
	figure_each(s, r, e, csv_figure);
}

static void csv_record_end(struct sink *s, const struct record *r, size_t i)
{
	field(s, r->place, ',');
	field(s, r->case_name, ',');
	field(s, "verdict", ',');
	field(s, verdict_name(r->verdict), ',');
	field(s, "", ',');
	field(s, r->verdict_text ? r->verdict_text : "", '\n');
}

const struct sink_ops sink_csv = {
	.name = "csv",
	.summary = "comma-separated values, a row per figure and verdict",
	.begin = csv_begin,
	.event = csv_event,
	.record_end = csv_record_end,
};
