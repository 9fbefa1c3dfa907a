// SPDX-License-Identifier: GPL-2.0-only
/*
 * All there is to say about each case, for a terminal of 78 columns.
 *
 * Distributions first, with a small histogram below each (value and count
 * both on a logarithmic axis); then single figures, KVM's counters on one
 * wrapped line, checks that failed, and remarks.  Times say which clock they
 * are of; times of an emulator's wall clock are not shown at all.
 */
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "sink.h"

#define NAME_WIDTH	26
#define CELL_WIDTH	9
#define SPARK_WIDTH	44

/* KVM's counters are recorded in this unit, see kstat.h. */
#define COUNTER_UNIT	"events"

static const char *clock_text(const struct record *r)
{
	switch (r->clock) {
	case CLOCK_VIRTUAL:
		return "virtual ticks as ns, no speed";
	case CLOCK_EMULATED:
		return "emulated, times not shown";
	default:
		return "wall clock";
	}
}

static void human_begin(struct sink *s, const struct record *r, size_t i)
{
	static const char *const shout[] = {
		[VERDICT_PASS] = "PASS", [VERDICT_FAIL] = "FAIL",
		[VERDICT_SKIP] = "SKIP", [VERDICT_INVALID] = "INVALID",
	};
	char place[80], name[FMT_WIDTH];
	unsigned int room;

	snprintf(place, sizeof(place), "%.30s, %s", r->place, clock_text(r));
	room = FMT_WIDTH - strlen(place) - strlen(shout[r->verdict]) - 3;
	fmt_shorten(name, sizeof(name), r->case_name, room);
	fprintf(s->out, "%s%s %-*s  %s\n", i ? "\n" : "", shout[r->verdict],
		(int)room, name, place);
	if (r->verdict_text)
		fmt_wrap(s->out, "  ", r->verdict_text);
}

static bool hidden(const struct record *r, const struct event *e)
{
	return r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit);
}

static void dist_head(struct sink *s)
{
	fprintf(s->out, "  %-*s %*s %*s %*s %*s %*s\n", NAME_WIDTH, "",
		CELL_WIDTH, "n", CELL_WIDTH, "p50", CELL_WIDTH, "p99",
		CELL_WIDTH, "p99.9", CELL_WIDTH, "max");
}

static void dist_row(struct sink *s, const struct event *e)
{
	static const double fractions[] = { .5, .99, .999, 1 };
	char name[NAME_WIDTH + 1], cell[40], spark[3 * SPARK_WIDTH + 1];
	unsigned int i;

	fprintf(s->out, "  %-*s %*s", NAME_WIDTH,
		fmt_shorten(name, sizeof(name), e->name, NAME_WIDTH),
		CELL_WIDTH, fmt_cell(cell, sizeof(cell), e->hist->n, ""));
	for (i = 0; i < 4 && e->hist->n; i++)
		fprintf(s->out, " %*s", CELL_WIDTH,
			fmt_cell(cell, sizeof(cell),
				 event_quantile(e, fractions[i]), e->unit));
	fputc('\n', s->out);
	if (!e->hist->n || e->hist->min == e->hist->max)
		return;
	fmt_spark(spark, sizeof(spark), e->hist, SPARK_WIDTH, s->utf8);
	fprintf(s->out, "  %*s |%s|", NAME_WIDTH - SPARK_WIDTH / 4,
		fmt_quantity(cell, sizeof(cell), event_quantile(e, 0), e->unit),
		spark);
	fprintf(s->out, " %s\n",
		fmt_quantity(cell, sizeof(cell), event_quantile(e, 1), e->unit));
}

static void dists(struct sink *s, const struct record *r)
{
	bool first = true;
	size_t i;

	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if (e->type != EVENT_DIST || hidden(r, e))
			continue;
		if (first)
			dist_head(s);
		first = false;
		dist_row(s, e);
	}
}

static bool is_counter(const struct event *e)
{
	return e->type == EVENT_COUNT && !strcmp(e->unit, COUNTER_UNIT);
}

static void figures(struct sink *s, const struct record *r)
{
	char name[44], text[60];
	size_t i;

	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if ((e->type != EVENT_COUNT && e->type != EVENT_VALUE) ||
		    is_counter(e) || hidden(r, e))
			continue;
		fprintf(s->out, "  %-42s %s\n",
			fmt_shorten(name, sizeof(name), e->name, 42),
			fmt_quantity(text, sizeof(text), e->value, e->unit));
	}
}

/* "stat.pf_taken 8192, stat.pf_fixed 8192": one wrapped line. */
static void counters(struct sink *s, const struct record *r)
{
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	for (i = 0; i < r->nr_events; i++)
		if (is_counter(&r->events[i]))
			fprintf(f, "%s%s %lld", ftell(f) ? ", " : "",
				r->events[i].name,
				(long long)r->events[i].count);
	fclose(f);
	if (len)
		fmt_wrap(s->out, "  KVM: ", text);
	free(text);
}

static void series(struct sink *s, const struct record *r)
{
	char first[40], last[40], line[240];
	size_t i;

	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if (e->type != EVENT_SERIES || !e->nr_points || hidden(r, e))
			continue;
		snprintf(line, sizeof(line), "%s: %u points, from %s at %s %g to %s at %g",
			 e->name, e->nr_points,
			 fmt_quantity(first, sizeof(first), e->y[0], e->unit),
			 e->x_name, e->x[0],
			 fmt_quantity(last, sizeof(last),
				      e->y[e->nr_points - 1], e->unit),
			 e->x[e->nr_points - 1]);
		fmt_wrap(s->out, "  ", line);
	}
}

static void remarks(struct sink *s, const struct record *r)
{
	unsigned int held = 0;
	char first[100];
	size_t i;

	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if (e->type == EVENT_NOTE)
			fmt_wrap(s->out, "  note: ", e->text);
		else if (e->type == EVENT_INVALID)
			fmt_wrap(s->out, "  INVALID: ", e->text);
		else if (e->type == EVENT_CHECK && e->ok)
			held++;
		if (e->type != EVENT_CHECK || e->ok)
			continue;
		snprintf(first, sizeof(first), "  FAILED %.40s: ", e->name);
		fmt_wrap(s->out, first, e->text);
	}
	if (held)
		fprintf(s->out, "  %u check%s held\n", held,
			held == 1 ? "" : "s");
}

static void human_end(struct sink *s, const struct record *r, size_t i)
{
	dists(s, r);
	series(s, r);
	figures(s, r);
	counters(s, r);
	remarks(s, r);
}

const struct sink_ops sink_human = {
	.name = "human",
	.summary = "each case in full, for a terminal",
	.record_begin = human_begin,
	.record_end = human_end,
};
