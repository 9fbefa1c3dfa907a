// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run on one page: a row per case, a column per place, for a terminal of 78
 * columns.
 *
 * The figure of a case is its headline: the first one recorded with a better
 * direction (a distribution shows its median and a small histogram, repeats
 * are merged).  Below the table come ratios, the harness's own cost, and the
 * reason of everything that did not pass.  Virtual ticks are labelled, an
 * emulator's wall time is not shown.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"
#include "summary_internal.h"

static void add_column(struct columns *columns, const struct record *r)
{
	size_t i;

	for (i = 0; i < columns->nr; i++)
		if (in_column(r, &columns->v[i]))
			return;
	if (columns->nr < MAX_PLACES)
		columns->v[columns->nr++] = (struct column){ r->place, r->clock };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect(const struct recset *set, struct columns *columns,
		    struct names *cases)
{
	size_t i;

	for (i = 0; i < set->nr; i++) {
		add_column(columns, set->v[i]);
		summary_add_name(cases, set->v[i]->case_name);
	}
	qsort(cases->v, cases->nr, sizeof(cases->v[0]), by_text);
}

/* How much a figure says about its case; the first best one is shown. */
static int weight(const struct event *e)
{
	if (!summary_is_figure(e) || summary_is_self(e->name))
		return 0;
	if (e->type == EVENT_DIST)
		return !e->hist->n ? 0 : e->better != BETTER_NONE ? 4 : 2;
	return e->better != BETTER_NONE ? 3 : 0;
}

/* The figure that stands for @case_name at all places, or NULL. */
static const struct event *headline(const struct recset *set,
				    const char *case_name)
{
	const struct event *best = NULL;
	int most = 0;
	size_t i, j;

	for (i = 0; i < set->nr; i++) {
		if (strcmp(set->v[i]->case_name, case_name))
			continue;
		for (j = 0; j < set->v[i]->nr_events; j++) {
			const struct event *e = &set->v[i]->events[j];

			if (weight(e) > most) {
				most = weight(e);
				best = e;
			}
		}
	}
	return best;
}

/* ---- one cell: all records of a case at a place ------------------------------ */

struct cell {
	size_t nr_records;
	enum verdict worst;
	enum place_clock clock;
	struct hist hist;	/* merged */
	double scale;
	double value;		/* of the last record */
};

static int severity(enum verdict v)
{
	static const int order[] = {
		[VERDICT_PASS] = 1, [VERDICT_SKIP] = 0,
		[VERDICT_INVALID] = 2, [VERDICT_FAIL] = 3,
	};

	return order[v];
}

static void add_record(struct cell *c, const struct record *r,
		       const struct event *figure)
{
	const struct event *e = figure ?
		record_find(r, figure->type, figure->name) : NULL;

	if (!c->nr_records || severity(r->verdict) > severity(c->worst))
		c->worst = r->verdict;
	c->nr_records++;
	if (!e)
		return;
	if (e->type != EVENT_DIST) {
		c->value = e->value;
	} else if (!c->hist.n || c->scale == e->scale) {
		hist_merge(&c->hist, e->hist);
		c->scale = e->scale;
	}
}

static void fill_cell(struct cell *c, const struct recset *set,
		      const char *case_name, const struct column *column,
		      const struct event *figure)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	c->clock = column->clock;
	c->value = NAN;
	for (i = 0; i < set->nr; i++)
		if (!strcmp(set->v[i]->case_name, case_name) &&
		    in_column(set->v[i], column))
			add_record(c, set->v[i], figure);
}

static const char *cell_text(const struct cell *c, const struct event *figure,
			     double fraction, char *buf, size_t size)
{
	static const char *const words[] = {
		[VERDICT_PASS] = "pass", [VERDICT_SKIP] = "SKIP",
		[VERDICT_INVALID] = "INVALID", [VERDICT_FAIL] = "FAIL",
	};
	double value = c->value;

	if (!c->nr_records)
		return "";
	if (c->worst != VERDICT_PASS || !figure ||
	    (c->clock == CLOCK_EMULATED && fmt_unit_is_time(figure->unit)))
		return words[c->worst];
	if (figure->type == EVENT_DIST)
		value = c->hist.n ? hist_quantile(&c->hist, fraction) * c->scale :
			NAN;
	if (summary_is_ratio(figure) || !strcmp(figure->unit, "pct") ||
	    !strcmp(figure->unit, "percent") || !strcmp(figure->unit, "%"))
		return fmt_quantity(buf, size, value, figure->unit);
	return fmt_cell(buf, size, value, figure->unit);
}

/* ---- the table -------------------------------------------------------------- */

static void table_head(const struct block *b)
{
	static const char *const labels[] = {
		[CLOCK_WALL] = "wall", [CLOCK_VIRTUAL] = "virtual",
		[CLOCK_EMULATED] = "emulated",
	};
	char name[COLUMN_WIDTH + 1];
	size_t i;

	if (b->nr_places == 1) {
		fprintf(b->out, "%.60s (%s)\n%-*s %*s %*s %*s\n",
			b->columns[0].place, labels[b->columns[0].clock],
			LABEL_WIDTH + SPARK_WIDTH + 3, "", COLUMN_WIDTH, "p50",
			COLUMN_WIDTH, "p99", COLUMN_WIDTH, "max");
		return;
	}
	fprintf(b->out, "%-*s", LABEL_WIDTH + SPARK_WIDTH + 3, "");
	for (i = 0; i < b->nr_places; i++)
		fprintf(b->out, " %*s", COLUMN_WIDTH,
			fmt_shorten(name, sizeof(name), b->columns[i].place,
				    COLUMN_WIDTH));
	fprintf(b->out, "\n%-*s", LABEL_WIDTH + SPARK_WIDTH + 3,
		"median per case");
	for (i = 0; i < b->nr_places; i++)
		fprintf(b->out, " %*s", COLUMN_WIDTH,
			labels[b->columns[i].clock]);
	fputc('\n', b->out);
}

/* "harvest.ring.pct10 collect": the case without its group, the figure. */
static void label(const struct block *b, const char *tail,
		  const struct event *figure)
{
	char text[400], shown[LABEL_WIDTH + 4];
	bool bare = !figure || !strcmp(figure->unit, "ns") ||
		    summary_is_ratio(figure);

	snprintf(text, sizeof(text), "%.200s%s%.100s", tail,
		 figure ? " " : "", figure ? figure->name : "");
	if (!bare && strlen(text) + strlen(figure->unit) + 3 <= LABEL_WIDTH)
		snprintf(text + strlen(text), 40, " [%.30s]", figure->unit);
	if (strlen(text) > LABEL_WIDTH)
		snprintf(text, sizeof(text), "%.200s", tail);
	fprintf(b->out, " %-*s ", LABEL_WIDTH,
		fmt_shorten(shown, sizeof(shown), text, LABEL_WIDTH));
}

/* The quantile in column @i: one place has room for the tail. */
static double column_fraction(const struct block *b, size_t i)
{
	static const double fractions[] = { .5, .99, 1 };

	return fractions[b->nr_places == 1 ? i : 0];
}

/* Only distributions have a tail; a verdict is said once. */
static bool column_is_empty(const struct block *b, size_t i,
			    const struct cell *c, const struct event *figure)
{
	return b->nr_places == 1 && i &&
	       (!figure || figure->type != EVENT_DIST || !c->hist.n ||
		c->worst != VERDICT_PASS);
}

static void row(const struct block *b, const char *case_name, const char *tail)
{
	const struct event *figure = headline(b->set, case_name);
	char text[60], cells[MAX_COLUMNS][40];
	char spark[3 * SPARK_WIDTH + 1] = "";
	size_t nr = b->nr_places == 1 ? MAX_COLUMNS : b->nr_places, i;
	struct cell *c = malloc(sizeof(*c));

	for (i = 0; c && i < nr; i++) {
		fill_cell(c, b->set, case_name,
			  &b->columns[b->nr_places == 1 ? 0 : i], figure);
		snprintf(cells[i], sizeof(cells[i]), "%s",
			 column_is_empty(b, i, c, figure) ? "" :
			 cell_text(c, figure, column_fraction(b, i), text,
				   sizeof(text)));
		if (!*spark && c->hist.n > 1 && c->clock != CLOCK_EMULATED)
			fmt_spark(spark, sizeof(spark), &c->hist, SPARK_WIDTH,
				  b->utf8);
	}
	label(b, tail, figure);
	fprintf(b->out, "%s%*s", spark,
		(int)(SPARK_WIDTH + 1 - fmt_columns(spark)), "");
	for (i = 0; c && i < nr; i++)
		fprintf(b->out, " %*s", COLUMN_WIDTH, cells[i]);
	fputc('\n', b->out);
	free(c);
}

static void table(const struct block *b, const struct names *cases)
{
	const char *group = "", *name;
	size_t i, len, group_len = 0;

	table_head(b);
	for (i = 0; i < cases->nr; i++) {
		name = cases->v[i];
		len = strcspn(name, ".");
		if (len != group_len || strncmp(name, group, len))
			fprintf(b->out, "%.*s\n", len < FMT_WIDTH ? (int)len :
				FMT_WIDTH, name);
		group = name;
		group_len = len;
		row(b, name, name[len] ? name + len + 1 : name);
	}
}

static void summary_end(struct sink *s)
{
	struct names *cases = calloc(1, sizeof(*cases));
	struct columns columns = {};
	size_t i;

	if (!cases)
		return;
	collect(s->set, &columns, cases);
	for (i = 0; i < columns.nr; i += MAX_COLUMNS) {
		struct block b = {
			.set = s->set, .out = s->out, .utf8 = s->utf8,
			.columns = &columns.v[i],
			.nr_places = columns.nr - i < MAX_COLUMNS ?
				columns.nr - i : MAX_COLUMNS,
		};

		if (i)
			fputc('\n', s->out);
		table(&b, cases);
		summary_sections(&b);
	}
	summary_notes(s, &columns);
	free(cases);
}

const struct sink_ops sink_summary = {
	.name = "summary",
	.summary = "the run on one page, a column per place",
	.end = summary_end,
};
