// SPDX-License-Identifier: GPL-2.0-only
/*
 * One Markdown table, a row per distribution and per single figure that has
 * a better direction, for a pull request or a cover letter.  Times of an
 * emulator's wall clock are left out.
 */
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

static void md_begin(struct sink *s)
{
	fputs("| place | case | figure | n | p50 | p99 | p99.9 | max |\n"
	      "|---|---|---|--:|--:|--:|--:|--:|\n", s->out);
}

static void md_event(struct sink *s, const struct record *r,
		     const struct event *e)
{
	static const double fractions[] = { .5, .99, .999, 1 };
	const char *clock = r->clock == CLOCK_VIRTUAL ? " (virtual)" : "";
	char cell[60];
	unsigned int i;

	if (e->unit && r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit))
		return;
	if (e->type == EVENT_DIST && e->hist->n) {
		fprintf(s->out, "| %s%s | %s | %s | %llu |", r->place, clock,
			r->case_name, e->name, (unsigned long long)e->hist->n);
		for (i = 0; i < 4; i++)
			fprintf(s->out, " %s |",
				fmt_quantity(cell, sizeof(cell),
					     event_quantile(e, fractions[i]),
					     e->unit));
		fputc('\n', s->out);
	} else if ((e->type == EVENT_VALUE || e->type == EVENT_COUNT) &&
		   e->better != BETTER_NONE) {
		fprintf(s->out, "| %s%s | %s | %s | | %s | | | |\n", r->place,
			clock, r->case_name, e->name,
			fmt_quantity(cell, sizeof(cell), e->value, e->unit));
	}
}

/* Text from outside, without what would end the cell. */
static void md_text(struct sink *s, const char *text)
{
	for (; text && *text; text++)
		fputc(strchr("|\n\r", *text) ? ' ' : *text, s->out);
}

static void md_record_end(struct sink *s, const struct record *r, size_t i)
{
	if (r->verdict == VERDICT_PASS)
		return;
	fprintf(s->out, "| %s | %s | **%s** ", r->place, r->case_name,
		verdict_name(r->verdict));
	md_text(s, r->verdict_text);
	fputs(" | | | | | |\n", s->out);
}

const struct sink_ops sink_markdown = {
	.name = "markdown",
	.summary = "one Markdown table",
	.begin = md_begin,
	.event = md_event,
	.record_end = md_record_end,
};
