// SPDX-License-Identifier: GPL-2.0-only
/*
 * All there is to say about each case, for a terminal of 78 columns.
 *
 * Distributions first, with a small histogram below each (value and count
 * both on a logarithmic axis); then single figures, KVM's MMU counters phase
 * by phase, checks that failed, and remarks.  Times say which clock they
 * are of; times of an emulator's wall clock are not shown at all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

#define NAME_WIDTH	26
#define CELL_WIDTH	9
#define SPARK_WIDTH	44

/* KVM's counters are recorded in this unit, see kstat.h. */
#define COUNTER_UNIT	"events"

static const char *clock_text(const struct record *r)
{
	switch (r->clock) {
	case CLOCK_VIRTUAL:
		return "virtual ns, not a speed";
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
	if (!strncmp(e->name, "self.", 5))
		return true;
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
		fmt_cell(cell, sizeof(cell), event_quantile(e, 0), e->unit),
		spark);
	fprintf(s->out, " %s\n",
		fmt_cell(cell, sizeof(cell), event_quantile(e, 1), e->unit));
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
	char name[44], first[60], text[80];
	size_t i;

	for (i = 0; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if ((e->type != EVENT_COUNT && e->type != EVENT_VALUE) ||
		    is_counter(e) || hidden(r, e))
			continue;
		snprintf(first, sizeof(first), "  %-42s ",
			 fmt_shorten(name, sizeof(name), e->name, 42));
		fmt_wrap(s->out, first,
			 fmt_quantity(text, sizeof(text), e->value, e->unit));
	}
}

/* "vcpus2" of "kvm.vcpus2.pf_taken": the phase a counter belongs to. */
static size_t phase_of(const char *name, const char **phase)
{
	const char *last = strrchr(name, '.');

	*phase = name;
	if (!strncmp(name, "kvm.", 4))
		*phase += 4;
	return last && last > *phase ? (size_t)(last - *phase) : 0;
}

/* What an MMU does; the rest of the counters is in the record. */
static bool is_mmu_counter(const struct event *e)
{
	const char *last;

	if (!is_counter(e))
		return false;
	last = strrchr(e->name, '.');
	last = last ? last + 1 : e->name;
	return (!strncmp(last, "pf_", 3) || !strncmp(last, "pages_", 6) ||
		!strncmp(last, "mmu_", 4) || !strncmp(last, "nx_", 3) ||
		strstr(last, "tlb_flush") || !strcmp(last, "exits"));
}

/* Phases that every case has and that belong to no measurement. */
static bool is_side_phase(const char *phase, size_t len)
{
	return (len == 4 && !strncmp(phase, "self", 4)) ||
	       (len == 8 && !strncmp(phase, "populate", 8));
}

/* Is there a counter of the same phase before event @i? */
static bool phase_begun(const struct record *r, size_t i, const char *phase,
			size_t len)
{
	const char *other;
	size_t j;

	for (j = 0; j < i; j++)
		if (is_mmu_counter(&r->events[j]) &&
		    phase_of(r->events[j].name, &other) == len &&
		    !strncmp(other, phase, len))
			return true;
	return false;
}

/* "KVM in vcpus2: pf_taken 8192, pf_fixed 8192", wrapped. */
static void phase_counters(struct sink *s, const struct record *r, size_t i,
			   const char *phase, size_t len)
{
	char *text = NULL, head[60];
	const char *other, *last;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	for (; i < r->nr_events; i++) {
		const struct event *e = &r->events[i];

		if (!is_mmu_counter(e) || phase_of(e->name, &other) != len ||
		    strncmp(other, phase, len))
			continue;
		last = strrchr(e->name, '.');
		fprintf(f, "%s%s %lld", ftell(f) ? ", " : "",
			last ? last + 1 : e->name, (long long)e->count);
	}
	fclose(f);
	snprintf(head, sizeof(head), "  KVM%s%.*s: ", len ? " in " : "",
		 (int)(len < 30 ? len : 30), phase);
	fmt_wrap(s->out, head, text);
	free(text);
}

static void counters(struct sink *s, const struct record *r)
{
	const char *phase;
	size_t i, len;

	for (i = 0; i < r->nr_events; i++) {
		if (!is_mmu_counter(&r->events[i]))
			continue;
		len = phase_of(r->events[i].name, &phase);
		if (!is_side_phase(phase, len) && !phase_begun(r, i, phase, len))
			phase_counters(s, r, i, phase, len);
	}
}

/* What measuring costs: one line, it is much the same for all cases. */
static void self_cost(struct sink *s, const struct record *r)
{
	const struct event *e = record_find(r, EVENT_VALUE, "self.record_tsc");

	if (e && e->has_value && r->clock != CLOCK_EMULATED)
		fprintf(s->out, "  recording a latency costs %.0f TSC cycles per access\n",
			e->value);
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
	self_cost(s, r);
	remarks(s, r);
}

const struct sink_ops sink_human = {
	.name = "human",
	.summary = "each case in full, for a terminal",
	.record_begin = human_begin,
	.record_end = human_end,
};
