// SPDX-License-Identifier: GPL-2.0-only
/*
 * The figures of each place: of every case its headline, which is the first
 * distribution that has a better direction, with its n and its spread; folded
 * away the other distributions and single values.
 *
 * An emulator's wall time means nothing, so it is not shown.
 */
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "record/verdict.h"
#include "internal.h"

static bool is_shown(const struct record *r, const struct event *e)
{
	if (r->verdict != VERDICT_PASS || !strncmp(e->name, "self.", 5) ||
	    e->better == BETTER_NONE)
		return false;
	if (r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit))
		return false;
	return true;
}

static void quantile_cell(struct page *p, const struct event *e, double fraction)
{
	char text[60];

	page_cell(p, "n", fmt_quantity(text, sizeof(text),
				       event_quantile(e, fraction), e->unit));
}

/* A quantile that @n samples cannot show is left out. */
static void dist_row(struct page *p, const struct record *r,
		     const struct event *e)
{
	static const struct { double fraction; uint64_t least; } tails[] = {
		{ .5, 1 }, { .9, 10 }, { .99, 100 }, { .999, 1000 }, { 1, 1 },
	};
	char text[60];
	unsigned int i;

	fputs("<tr>", p->out);
	page_cell(p, "c", r->case_name);
	page_cell(p, "c", e->name);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)e->hist->n);
	page_cell(p, "n", text);
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		if (e->hist->n >= tails[i].least)
			quantile_cell(p, e, tails[i].fraction);
		else
			page_cell(p, "n", "");
	}
	fputs("</tr>\n", p->out);
}

static const struct event *next_dist(const struct record *r, size_t *at)
{
	for (; *at < r->nr_events; ++*at) {
		const struct event *e = &r->events[*at];

		if (e->type == EVENT_DIST && e->hist->n && is_shown(r, e))
			return &r->events[(*at)++];
	}
	return NULL;
}

/* The first distribution of each case, or with @rest all others. */
static unsigned int dists(struct page *p, unsigned int at, bool rest)
{
	const struct event *e;
	size_t i, end, j;
	unsigned int nr = 0;

	for (page_records(p, at, &i, &end); i < end; i++) {
		j = 0;
		e = next_dist(p->set.v[i], &j);
		if (rest && e)
			e = next_dist(p->set.v[i], &j);
		for (; e; e = rest ? next_dist(p->set.v[i], &j) : NULL) {
			if (!nr++ && rest)
				fputs("<details><summary>Other distributions</summary>", p->out);
			if (nr == 1)
				fputs("<div class=\"scroll\"><table><tr><th>case</th><th>figure</th><th class=\"n\">n</th><th class=\"n\">p50</th><th class=\"n\">p90</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th><th class=\"n\">max</th></tr>\n",
				      p->out);
			dist_row(p, p->set.v[i], e);
		}
	}
	if (nr)
		fprintf(p->out, "</table></div>%s\n", rest ? "</details>" : "");
	return nr;
}

static unsigned int values(struct page *p, unsigned int at)
{
	size_t i, end, j;
	unsigned int nr = 0;
	char text[60];

	for (page_records(p, at, &i, &end); i < end; i++)
		for (j = 0; j < p->set.v[i]->nr_events; j++) {
			const struct event *e = &p->set.v[i]->events[j];

			if ((e->type != EVENT_VALUE && e->type != EVENT_COUNT) ||
			    !is_shown(p->set.v[i], e))
				continue;
			if (!nr++)
				fputs("<details><summary>Single values</summary><div class=\"scroll\"><table>\n",
				      p->out);
			fputs("<tr>", p->out);
			page_cell(p, "c", p->set.v[i]->case_name);
			page_cell(p, "c", e->name);
			page_cell(p, "n", e->has_value || e->type == EVENT_COUNT ?
				  fmt_quantity(text, sizeof(text), e->value,
					       e->unit) : "undefined");
			fputs("</tr>\n", p->out);
		}
	if (nr)
		fputs("</table></div></details>\n", p->out);
	return nr;
}

static const char *clock_words(enum place_clock clock)
{
	switch (clock) {
	case CLOCK_VIRTUAL:
		return "An emulated host. Times are its instruction count in ns, which repeats exactly and is no speed.";
	case CLOCK_EMULATED:
		return "An emulated host. Its wall time means nothing and is not shown.";
	default:
		return "Real time of this machine.";
	}
}

void page_figures(struct page *p)
{
	unsigned int at;
	size_t first, end;

	page_head(p, "figures", "Figures");
	page_para(p, "dim",
		  "Of cases that passed. n is the number of samples; a quantile that n cannot show is left out.");
	for (at = 0; at < p->nr_places; at++) {
		fputs("<h3>", p->out);
		page_text(p, p->places[at]);
		fputs("</h3>\n", p->out);
		page_records(p, at, &first, &end);
		page_para(p, "dim", clock_words(p->set.v[first]->clock));
		if (!(dists(p, at, false) + dists(p, at, true) + values(p, at)))
			page_para(p, "dim", "No figure: nothing passed here that measures one.");
	}
}
