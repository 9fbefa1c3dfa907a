// SPDX-License-Identifier: GPL-2.0-only
/*
 * A comparison as a table of 78 columns or as JSON.
 *
 * The table has what changed and what could not be decided; metrics that are
 * the same are counted.  Those that are undecided, or vary as much by chance,
 * are shown when they moved by more than the floor, the MAX_OPEN largest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "judge.h"

#define NAME_WIDTH	36
#define MAX_OPEN	20

static const char *const state_names[] = {
	[STATE_SAME] = "same",
	[STATE_BETTER] = "better",
	[STATE_WORSE] = "WORSE",
	[STATE_CHANGED] = "changed",
	[STATE_UNDECIDED] = "?",
	[STATE_CHANCE] = "chance",
};

static const char *const json_states[] = {
	[STATE_SAME] = "same",
	[STATE_BETTER] = "better",
	[STATE_WORSE] = "worse",
	[STATE_CHANGED] = "changed",
	[STATE_UNDECIDED] = "undecided",
	[STATE_CHANCE] = "chance",
};

static void print_change(FILE *out, const struct metric *m)
{
	char text[32] = "-";

	if (isfinite(m->change) && fabs(m->change) < 10)
		snprintf(text, sizeof(text), "%+.1f%%", m->change * 100);
	else if (isfinite(m->change))
		snprintf(text, sizeof(text), "x%.3g", m->change + 1);
	fprintf(out, " %8s", text);
}

static void print_row(FILE *out, const struct metric *m)
{
	char name[NAME_WIDTH + 1], a[40], b[40], p[16] = "";

	if (isfinite(m->p))
		snprintf(p, sizeof(p), m->p < .00095 ? "%.0e" : "%.3f", m->p);
	else if (m->deterministic)
		snprintf(p, sizeof(p), judge_is_constant(m) ? "exact" :
							      "varies");
	fprintf(out, "  %-*s %8s %8s", NAME_WIDTH - 4,
		fmt_shorten(name, sizeof(name), m->name, NAME_WIDTH - 4),
		fmt_cell(a, sizeof(a), m->a.median, m->unit),
		fmt_cell(b, sizeof(b), m->b.median, m->unit));
	print_change(out, m);
	fprintf(out, " %6s %s\n", p, state_names[m->state]);
}

/* The intervals belong to what was decided by statistics. */
static void print_intervals(FILE *out, const struct metric *m)
{
	const struct side *a = &m->a, *b = &m->b;
	bool all = m->deterministic;
	char t[4][40];

	if (m->deterministic ? judge_is_constant(m) :
			       m->state == STATE_UNDECIDED)
		return;
	fprintf(out, "    %s: %s..%s (n %zu), %s..%s (n %zu)\n",
		all ? "all rounds" : "medians, 95% intervals",
		fmt_cell(t[0], sizeof(t[0]), all ? a->v[0] : a->low, m->unit),
		fmt_cell(t[1], sizeof(t[1]), all ? a->v[a->n - 1] : a->high,
			 m->unit), a->n,
		fmt_cell(t[2], sizeof(t[2]), all ? b->v[0] : b->low, m->unit),
		fmt_cell(t[3], sizeof(t[3]), all ? b->v[b->n - 1] : b->high,
			 m->unit), b->n);
}

static bool is_open(const struct metric *m)
{
	return m->state == STATE_UNDECIDED || m->state == STATE_CHANCE;
}

static bool shown(const struct comparison *c, const struct metric *m,
		  double least)
{
	if (m->state == STATE_SAME)
		return false;
	if (!is_open(m))
		return true;
	return m->better != BETTER_NONE && !(fabs(m->change) < least) &&
	       !(fabs(m->change) * 100 < judge_floor(c));
}

static int descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x > y ? -1 : x < y;
}

/* The change that an open metric needs to be among the largest. */
static double least_open(const struct comparison *c)
{
	double *v = calloc(c->nr_metrics + 1, sizeof(*v)), least = 0;
	size_t i, n = 0;

	for (i = 0; v && i < c->nr_metrics; i++)
		if (is_open(&c->metrics[i]) &&
		    c->metrics[i].better != BETTER_NONE &&
		    isfinite(c->metrics[i].change))
			v[n++] = fabs(c->metrics[i].change);
	if (n > MAX_OPEN) {
		qsort(v, n, sizeof(*v), descending);
		least = v[MAX_OPEN - 1];
	}
	free(v);
	return least;
}

static void print_metrics(const struct comparison *c, FILE *out)
{
	double least = least_open(c);
	const char *place = "", *case_name = "";
	char name[FMT_WIDTH + 1], full[300];
	bool first = true;
	size_t i;

	for (i = 0; i < c->nr_metrics; i++) {
		const struct metric *m = &c->metrics[i];

		if (!shown(c, m, least))
			continue;
		if (first)
			fprintf(out, "%-34s %8.8s %8.8s %8s %6s\n", "",
				c->opts->name_a ?: "A", c->opts->name_b ?: "B",
				"change", "p");
		first = false;
		if (strcmp(place, m->place) || strcmp(case_name, m->case_name)) {
			snprintf(full, sizeof(full), "%.60s %.200s", m->place,
				 m->case_name);
			fprintf(out, "%s\n", fmt_shorten(name, sizeof(name),
							 full, FMT_WIDTH));
		}
		place = m->place;
		case_name = m->case_name;
		print_row(out, m);
		print_intervals(out, m);
	}
}

static void print_turns(const struct comparison *c, FILE *out)
{
	char head[120], text[600];
	size_t i;

	for (i = 0; i < c->nr_turns; i++) {
		const struct turn *t = &c->turns[i];

		snprintf(head, sizeof(head), "%s: ",
			 t->worse ? "WORSE" : "changed");
		snprintf(text, sizeof(text), "%.60s %.200s was %s and is %s%s%.280s",
			 t->place, t->case_name, t->from, t->to,
			 t->text ? ": " : "", t->text ?: "");
		fmt_wrap(out, head, text);
	}
}

static void print_mismatches(const struct comparison *c, FILE *out)
{
	char text[600];
	size_t i;

	for (i = 0; i < c->nr_mismatches; i++) {
		const struct mismatch *m = &c->mismatches[i];

		snprintf(text, sizeof(text),
			 "%.60s %.200s ran with a different %.40s (%s, then %s)",
			 m->place, m->case_name, m->option, m->a, m->b);
		fmt_wrap(out, "not compared: ", text);
	}
}

static const char *verdict_text(const struct comparison *c)
{
	if (c->worse)
		return "worse";
	if (c->nr_state[STATE_UNDECIDED])
		return "nothing got worse as far as can be decided";
	if (c->nr_metrics && !c->nr_differ && !c->nr_turns && !c->nr_mismatches)
		return "no difference";
	return "nothing got worse";
}

void compare_print_text(const struct comparison *c, FILE *out)
{
	const size_t *n = c->nr_state;
	char text[240];

	print_metrics(c, out);
	print_turns(c, out);
	print_mismatches(c, out);
	snprintf(text, sizeof(text),
		 "%zu cases, %zu metrics: %zu same, %zu better, %zu worse, %zu changed, %zu by chance, %zu undecided",
		 c->nr_cases, c->nr_metrics, n[STATE_SAME], n[STATE_BETTER],
		 n[STATE_WORSE], n[STATE_CHANGED], n[STATE_CHANCE],
		 n[STATE_UNDECIDED]);
	fmt_wrap(out, "", text);
	if (n[STATE_UNDECIDED]) {
		snprintf(text, sizeof(text),
			 "undecided (?): %zu metrics that do not repeat need at least %u rounds a side, that is, %u records of the case in each directory; run the sides more often, in turns, or run fewer cases",
			 c->nr_tested[true], c->rounds_needed,
			 c->rounds_needed);
		fmt_wrap(out, "", text);
	}
	if (n[STATE_CHANCE])
		fmt_wrap(out, "", "chance: the rounds of one side differ as much as the sides do");
	fprintf(out, "verdict: %s\n", verdict_text(c));
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *side_json(const struct side *s)
{
	return json_pack("{s:I, s:o, s:[o, o], s:[o, o]}", "n",
			 (json_int_t)s->n, "median", number(s->median), "ci95",
			 number(s->low), number(s->high), "range",
			 number(s->v[0]), number(s->v[s->n - 1]));
}

static json_t *metric_json(const struct metric *m)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:s}",
			 "place", m->place, "case", m->case_name, "name",
			 m->name, "unit", m->unit, "a", side_json(&m->a), "b",
			 side_json(&m->b), "change", number(m->change), "p",
			 number(m->p), "exact", m->deterministic &&
			 judge_is_constant(m), "state",
			 json_states[m->state]);
}

void compare_print_json(const struct comparison *c, FILE *out)
{
	json_t *metrics = json_array(), *turns = json_array();
	json_t *skipped = json_array(), *all;
	char *text;
	size_t i;

	for (i = 0; i < c->nr_metrics; i++)
		json_array_append_new(metrics, metric_json(&c->metrics[i]));
	for (i = 0; i < c->nr_turns; i++)
		json_array_append_new(turns,
			json_pack("{s:s, s:s, s:s, s:s, s:b}", "place",
				  c->turns[i].place, "case",
				  c->turns[i].case_name, "from",
				  c->turns[i].from, "to", c->turns[i].to,
				  "worse", (int)c->turns[i].worse));
	for (i = 0; i < c->nr_mismatches; i++)
		json_array_append_new(skipped,
			json_pack("{s:s, s:s, s:s, s:s, s:s}", "place",
				  c->mismatches[i].place, "case",
				  c->mismatches[i].case_name, "option",
				  c->mismatches[i].option, "a",
				  c->mismatches[i].a, "b", c->mismatches[i].b));
	all = json_pack("{s:i, s:s, s:I, s:I, s:o, s:o, s:o}", "schema", 1,
			"verdict", c->worse ? "worse" : "not worse", "cases",
			(json_int_t)c->nr_cases, "rounds_needed",
			(json_int_t)c->rounds_needed, "verdicts", turns,
			"not_compared", skipped, "metrics", metrics);
	text = json_dumps(all, JSON_INDENT(1) | JSON_PRESERVE_ORDER |
			  JSON_REAL_PRECISION(12));
	if (text)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(all);
}

/* Does one of the first @nr metrics of a case differ? */
static bool case_differs(const struct comparison *c, size_t nr,
			 const char *place, const char *case_name)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (c->metrics[i].state != STATE_SAME &&
		    !strcmp(c->metrics[i].place, place) &&
		    !strcmp(c->metrics[i].case_name, case_name))
			return true;
	return false;
}

static bool is_absent(const struct turn *t)
{
	return !strcmp(t->from, "absent") || !strcmp(t->to, "absent");
}

void compare_print_cases(const struct comparison *c, FILE *out)
{
	const struct metric *m;
	const struct turn *t;
	size_t i;

	/* Metrics of one case need not be together. */
	for (i = 0; i < c->nr_metrics; i++) {
		m = &c->metrics[i];
		if (m->state != STATE_SAME &&
		    !case_differs(c, i, m->place, m->case_name))
			fprintf(out, "%s %s\n", m->place, m->case_name);
	}
	for (i = 0; i < c->nr_turns; i++) {
		t = &c->turns[i];
		if (!is_absent(t) && !case_differs(c, c->nr_metrics, t->place,
						   t->case_name))
			fprintf(out, "%s %s\n", t->place, t->case_name);
	}
}
