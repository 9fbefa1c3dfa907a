// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands below the table of the summary: ratios, what measuring itself
 * costs, what the clocks mean, and why cases did not pass.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "summary_internal.h"

bool summary_add_name(struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->v[i], name))
			return false;
	if (names->nr < MAX_NAMES)
		names->v[names->nr++] = name;
	return true;
}

bool summary_is_self(const char *name)
{
	return !strncmp(name, "self.", 5);
}

bool summary_is_ratio(const struct event *e)
{
	return !strcmp(e->unit, "x") || !strcmp(e->unit, "ratio");
}

bool summary_is_figure(const struct event *e)
{
	return e->type == EVENT_DIST || e->type == EVENT_COUNT ||
	       e->type == EVENT_VALUE;
}

/* ---- ratios and the harness's own cost ----------------------------------- */

static bool wanted_ratio(const struct event *e)
{
	return e->type == EVENT_VALUE && summary_is_ratio(e) &&
	       !summary_is_self(e->name);
}

static bool wanted_self(const struct event *e)
{
	return summary_is_figure(e) && summary_is_self(e->name);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Median of the figure @like over all records of @column that have it. */
static double median_of(const struct recset *set, const struct column *column,
			const struct event *like)
{
	double *v = calloc(set->nr, sizeof(*v)), median = NAN;
	size_t i, nr = 0;

	for (i = 0; v && i < set->nr; i++) {
		const struct event *e;

		if (!in_column(set->v[i], column))
			continue;
		e = record_find(set->v[i], like->type, like->name);
		if (e && e->type == EVENT_DIST && e->hist->n)
			v[nr++] = event_quantile(e, .5);
		else if (e && e->has_value)
			v[nr++] = e->value;
	}
	if (nr) {
		qsort(v, nr, sizeof(*v), by_value);
		median = (v[(nr - 1) / 2] + v[nr / 2]) / 2;
	}
	free(v);
	return median;
}

/* Figures that every run has, in words. */
static const char *row_title(const char *name)
{
	static const char *const titles[][2] = {
		{ "self.record_tsc", "recording a latency, TSC cycles/access" },
		{ "self.bare_access_tsc", "a bare access, TSC cycles" },
		{ "self.loop_tsc", "one empty loop iteration, TSC cycles" },
		{ "self.timestamp_ns", "a host time stamp" },
		{ "self.latency_floor", "smallest latency that the guest can measure" },
		{ "self.round_trip", "starting and ending an empty job" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (!strcmp(titles[i][0], name))
			return titles[i][1];
	return name;
}

/*
 * Below @title, unless NULL.  False, and nothing printed, when no column has
 * a number to show.
 */
static bool section_row(const struct block *b, const struct event *e,
			const char *title)
{
	char name[60], cells[MAX_COLUMNS][40];
	bool any = false;
	double value;
	size_t i;

	for (i = 0; i < b->nr_places; i++) {
		value = median_of(b->set, &b->columns[i], e);
		if (b->columns[i].clock == CLOCK_EMULATED &&
		    fmt_unit_is_time(e->unit))
			value = NAN;
		any |= isfinite(value);
		if (summary_is_ratio(e))
			fmt_quantity(cells[i], sizeof(cells[i]), value, "x");
		else
			fmt_cell(cells[i], sizeof(cells[i]), value, e->unit);
	}
	if (!any)
		return false;
	if (title)
		fprintf(b->out, "%s\n", title);
	fprintf(b->out, " %-*s", LABEL_WIDTH + SPARK_WIDTH + 2,
		fmt_shorten(name, sizeof(name), row_title(e->name),
			    LABEL_WIDTH + SPARK_WIDTH + 2));
	for (i = 0; i < b->nr_places; i++)
		fprintf(b->out, " %*s", COLUMN_WIDTH, cells[i]);
	fputc('\n', b->out);
	return true;
}

/* Rows for all wanted figures; the title comes with the first one. */
static void section(const struct block *b, const char *title,
		    bool (*wanted)(const struct event *e))
{
	struct names *seen = calloc(1, sizeof(*seen));
	bool titled = false;
	size_t i, j;

	for (i = 0; seen && i < b->set->nr; i++)
		for (j = 0; j < b->set->v[i]->nr_events; j++) {
			const struct event *e = &b->set->v[i]->events[j];

			if (!wanted(e) || !summary_add_name(seen, e->name))
				continue;
			titled = section_row(b, e, titled ? NULL : title) ||
				 titled;
		}
	free(seen);
}

/* ---- notes, and what did not pass -------------------------------------------- */

static const char *skip_text(const struct record *r)
{
	if (r->verdict != VERDICT_SKIP)
		return NULL;
	return r->verdict_text && *r->verdict_text ? r->verdict_text :
		"no reason given";
}

/* A case that did not run has said why already. */
static const char *note_text(const struct record *r)
{
	size_t i;

	for (i = 0; i < r->nr_events && r->verdict != VERDICT_SKIP; i++)
		if (r->events[i].type == EVENT_NOTE)
			return r->events[i].text;
	return NULL;
}

/* One line per place and text, however many cases have it. */
static void grouped(struct sink *s, const char *word,
		    const char *(*text_of)(const struct record *r))
{
	const struct recset *set = s->set;
	char head[60], more[40], buf[512];
	size_t i, j, nr;

	for (i = 0; i < set->nr; i++) {
		const char *text = text_of(set->v[i]), *other;

		if (!text)
			continue;
		for (nr = j = 0; j < set->nr; j++) {
			other = text_of(set->v[j]);
			if (!other || strcmp(other, text) ||
			    strcmp(set->v[j]->place, set->v[i]->place))
				continue;
			if (j < i)
				break;
			nr++;
		}
		if (j < set->nr)
			continue;
		*more = 0;
		if (nr > 1)
			snprintf(more, sizeof(more), " and %zu more", nr - 1);
		snprintf(head, sizeof(head), "%s %.30s: ", word,
			 set->v[i]->place);
		snprintf(buf, sizeof(buf), "%.60s%s: %.400s",
			 set->v[i]->case_name, more, text);
		fmt_wrap(s->out, head, buf);
	}
}

static void troubles(struct sink *s)
{
	char head[100], buf[500];
	size_t i;

	for (i = 0; i < s->set->nr; i++) {
		const struct record *r = s->set->v[i];

		if (r->verdict != VERDICT_FAIL && r->verdict != VERDICT_INVALID)
			continue;
		snprintf(head, sizeof(head), "%s %.30s: ",
			 r->verdict == VERDICT_FAIL ? "FAIL" : "INVALID",
			 r->place);
		snprintf(buf, sizeof(buf), "%.200s: %.280s", r->case_name,
			 r->verdict_text ? r->verdict_text : "no reason given");
		fmt_wrap(s->out, head, buf);
	}
}

static void totals(struct sink *s)
{
	size_t n[4] = {}, i;

	for (i = 0; i < s->set->nr; i++)
		n[s->set->v[i]->verdict]++;
	fprintf(s->out, "%zu passed, %zu failed, %zu skipped, %zu invalid\n",
		n[VERDICT_PASS], n[VERDICT_FAIL], n[VERDICT_SKIP],
		n[VERDICT_INVALID]);
}

static bool has_clock(const struct columns *columns, enum place_clock clock)
{
	size_t i;

	for (i = 0; i < columns->nr; i++)
		if (columns->v[i].clock == clock)
			return true;
	return false;
}

static void footnotes(struct sink *s, const struct columns *columns)
{
	if (has_clock(columns, CLOCK_VIRTUAL))
		fmt_wrap(s->out, "virtual:  ",
			 "times are an emulator's instruction count in ns, not speeds; compare them only with the same place");
	if (has_clock(columns, CLOCK_EMULATED))
		fmt_wrap(s->out, "emulated: ",
			 "times are an emulator's wall time, which means nothing and is not shown");
}

void summary_sections(const struct block *b)
{
	section(b, "ratios", wanted_ratio);
	section(b, "the harness's own cost", wanted_self);
}

void summary_notes(struct sink *s, const struct columns *columns)
{
	footnotes(s, columns);
	grouped(s, "NOTE", note_text);
	grouped(s, "SKIP", skip_text);
	troubles(s);
	totals(s);
}
