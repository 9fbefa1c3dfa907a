// SPDX-License-Identifier: GPL-2.0-only
/*
 * Curves: stored series (a pre-copy loop, flushes over vCPUs), and sweeps,
 * medians over the number in which names differ (vcpus1, vcpus2, vcpus4).
 *
 * A sweep has bars over the middle half of the samples.  Over vCPUs it also
 * shows the ideal: a latency that stays what it was at the smallest number.
 * It cannot tell noise between runs from the bars, those are the spread
 * inside one run.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

/* Above this ratio of largest to smallest a curve is drawn logarithmic. */
#define LOG_RATIO	50

/* Up to this many whole numbers on an axis get a tic of their own. */
#define MAX_TICS	24

static bool counts_vcpus(const char *name)
{
	return !strcmp(name, "vcpus") || !strcmp(name, "vcpu") ||
	       !strcmp(name, "threads");
}

/* ---- axes ---------------------------------------------------------------------- */

struct axis {
	double low, high;
	double tics[MAX_TICS];
	unsigned int nr;	/* MAX_TICS + 1: too many for tics */
};

static void axis_add(struct axis *a, double value)
{
	unsigned int i;

	a->low = a->nr ? fmin(a->low, value) : value;
	a->high = a->nr ? fmax(a->high, value) : value;
	for (i = 0; i < a->nr && i < MAX_TICS; i++)
		if (a->tics[i] == value)
			return;
	if (a->nr < MAX_TICS && value == rint(value))
		a->tics[a->nr++] = value;
	else
		a->nr = MAX_TICS + 1;
}

/* Few whole numbers are tics of their own; room left and right of them. */
static void number_axis(struct picture *p, const char *name,
			const struct axis *a)
{
	double room = a->high > a->low ? (a->high - a->low) * .04 : 1;
	char text[60];
	unsigned int i;

	fprintf(p->gp, "set xlabel '%s'\nset xrange [%g:%g]\n",
		picture_quote(name, text, sizeof(text)), a->low - room,
		a->high + room);
	for (i = 0; a->nr <= MAX_TICS && i < a->nr; i++)
		fprintf(p->gp, "%s%.10g%s", i ? ", " : "set xtics (",
			a->tics[i], i + 1 == a->nr ? ")\n" : "");
}

/* Where a zero lies on a logarithmic axis of counts. */
#define ZERO_AT		0.5

/* A range from nothing to many: logarithmic, with a place for the zero. */
static bool has_zero(double low, double high)
{
	return low == 0 && high > LOG_RATIO;
}

static void value_axis(struct picture *p, const struct event *e, double low,
		       double high)
{
	bool zero = has_zero(low, high);
	char unit[60];
	double at;

	if (plot_unit_ns(e->unit) > 0 && low > 0) {
		picture_time_axis(p, 'y', "time", low / 1.5, high * 1.5);
		return;
	}
	fprintf(p->gp, "set ylabel '%s'\nset format y '%%.10g'\n",
		picture_quote(e->unit, unit, sizeof(unit)));
	if (zero) {
		fprintf(p->gp, "set ytics ('0' %g", ZERO_AT);
		for (at = 1; at < high * 1.5; at *= 10)
			fprintf(p->gp, ", '%.0f' %.0f", at, at);
		fputs(")\n", p->gp);
	}
	if (zero || (low > 0 && high / low > LOG_RATIO))
		fprintf(p->gp, "set logscale y 10\nset yrange [%g:%g]\n",
			(zero ? ZERO_AT : low) / 1.5, high * 1.5);
	else
		fprintf(p->gp, "set yrange [%g:%g]\n", fmin(0, low * 1.1),
			high > 0 ? high * 1.1 : 1.);
}

/* ---- stored series --------------------------------------------------------- */

/*
 * The rounds of a figure in the order of time, kept to judge noise: where
 * its distribution is stored too, a picture would only repeat that.
 */
static bool is_noise(const struct record *r, const struct event *e)
{
	static const char by_round[] = "by_round";
	size_t len = strlen(e->name), tail = sizeof(by_round) - 1;

	if (strcmp(e->x_name, "round"))
		return false;
	return (len > tail && !strcmp(e->name + len - tail, by_round)) ||
	       record_find(r, EVENT_DIST, e->name);
}

static bool drawable(const struct record *r, const struct event *e)
{
	return e->type == EVENT_SERIES && e->nr_points >= 2 &&
	       !is_noise(r, e) &&
	       !(r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit));
}

static int add_series(struct plot_lines *to, const struct record *r,
		      const struct event *e)
{
	struct plot_line *l = plot_lines_add(to);

	if (!l)
		return -ENOMEM;
	l->r = r;
	l->e = e;
	l->scale_ns = plot_unit_ns(e->unit);
	snprintf(l->case_name, sizeof(l->case_name), "%s", r->case_name);
	snprintf(l->figure, sizeof(l->figure), "%s", e->name);
	snprintf(l->kind, sizeof(l->kind), "%.80s/%.30s/%.30s", e->name,
		 e->unit, e->x_name);
	return 0;
}

int plot_collect_series(const struct recset *set, struct plot_lines *to)
{
	size_t i, j;
	int ret = 0;

	for (i = 0; i < set->nr && !ret; i++)
		for (j = 0; j < set->v[i]->nr_events && !ret; j++)
			if (drawable(set->v[i], &set->v[i]->events[j]))
				ret = add_series(to, set->v[i],
						 &set->v[i]->events[j]);
	return ret;
}

static double in_ns(const struct plot_line *l, unsigned int i)
{
	return l->e->y[i] * (l->scale_ns > 0 ? l->scale_ns : 1);
}

static bool has_point(const struct event *e, unsigned int i)
{
	return fabs(e->y[i]) < PICTURE_MOST && fabs(e->x[i]) < PICTURE_MOST;
}

static void series_range(const struct plot_line *l, struct axis *x, double *low,
			 double *high)
{
	unsigned int i;

	for (i = 0; i < l->e->nr_points; i++) {
		if (!has_point(l->e, i))
			continue;
		axis_add(x, l->e->x[i]);
		*low = fmin(*low, in_ns(l, i));
		*high = fmax(*high, in_ns(l, i));
	}
}

/* The third column is where the point is drawn. */
static void series_rows(struct picture *p, const struct plot_line *l, bool zero)
{
	char label[120];
	unsigned int i;

	fprintf(p->tsv, "%s\t%s\tdrawn\n",
		picture_quote(l->label, label, sizeof(label)),
		l->scale_ns > 0 ? "ns" : l->e->unit);
	for (i = 0; i < l->e->nr_points; i++)
		if (has_point(l->e, i))
			fprintf(p->tsv, "%.9g\t%.9g\t%.9g\n", l->e->x[i],
				in_ns(l, i), zero ? fmax(in_ns(l, i), ZERO_AT) :
				in_ns(l, i));
	fputs("\n\n", p->tsv);
}

static void series_name(char *name, size_t size, const char *base,
			const char *x_name)
{
	snprintf(name, size, "%.140s-over-%.50s", base, x_name);
	picture_file_name(name);
}

int plot_series(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o)
{
	double low = INFINITY, high = -INFINITY;
	struct axis x = {};
	char name[240];
	struct picture p;
	unsigned int i;

	series_name(name, sizeof(name), base, v[0]->e->x_name);
	if (picture_begin(&p, name, title, v[0]->r))
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	for (i = 0; i < nr; i++)
		series_range(v[i], &x, &low, &high);
	if (!x.nr)
		low = high = 0;
	for (i = 0; i < nr; i++)
		series_rows(&p, v[i], has_zero(low, high));
	value_axis(&p, v[0]->e, low, high);
	number_axis(&p, v[0]->e->x_name, &x);
	picture_legend(&p, nr);
	fprintf(p.gp, "plot for [i=0:%u] data index i using 1:3 with linespoints lt i+1 ps 1.2 title columnheader(1)\n",
		nr - 1);
	return picture_end(&p, o);
}

/* ---- sweeps over a number in a name ------------------------------------------- */

struct sweep_key {
	char rest[200];		/* the name with '*' for the number */
	char what[40];		/* "vcpus" */
	double at;
};

/* Cut part @nr (from 0) "vcpus4" of @name into what and number. */
static bool cut_part(const char *name, unsigned int nr, struct sweep_key *key)
{
	const char *from = name, *digits;
	size_t letters, number;

	while (nr-- && from)
		from = strchr(from, '.') ? strchr(from, '.') + 1 : NULL;
	if (!from)
		return false;
	letters = strspn(from, "abcdefghijklmnopqrstuvwxyz_");
	digits = from + letters;
	number = strspn(digits, "0123456789");
	if (!letters || letters >= sizeof(key->what) || !number || number > 9 ||
	    (digits[number] && digits[number] != '.'))
		return false;
	snprintf(key->what, sizeof(key->what), "%.*s", (int)letters, from);
	key->at = strtod(digits, NULL);
	snprintf(key->rest, sizeof(key->rest), "%.*s*%.100s",
		 (int)(digits - name < 90 ? digits - name : 90), name,
		 digits + number);
	return true;
}

/* Parts of a name that are looked at. */
#define MAX_PARTS 8

/* The line of the sweep that @dist belongs to, new or old. */
static struct plot_line *sweep_of(struct plot_lines *to,
				  const struct plot_line *dist,
				  const struct sweep_key *key, bool in_case)
{
	const char *case_name = in_case ? key->rest : dist->case_name;
	const char *figure = in_case ? dist->figure : key->rest;
	struct plot_line *l;
	unsigned int i;

	for (i = 0; i < to->nr; i++) {
		l = to->v[i];
		if (!strcmp(l->r->place, dist->r->place) &&
		    !strcmp(l->case_name, case_name) &&
		    !strcmp(l->figure, figure) && !strcmp(l->what, key->what))
			return l;
	}
	l = plot_lines_add(to);
	if (!l)
		return NULL;
	l->r = dist->r;
	l->e = dist->e;
	snprintf(l->case_name, sizeof(l->case_name), "%s", case_name);
	snprintf(l->figure, sizeof(l->figure), "%.150s", figure);
	snprintf(l->what, sizeof(l->what), "%s", key->what);
	snprintf(l->kind, sizeof(l->kind), "%.100s/%.40s", figure, key->what);
	return l;
}

static int add_point(struct plot_lines *to, const struct plot_line *dist,
		     unsigned int part, bool in_case)
{
	struct plot_point *point;
	struct sweep_key key;
	struct plot_line *l;

	if (!cut_part(in_case ? dist->case_name : dist->figure, part, &key))
		return 0;
	l = sweep_of(to, dist, &key, in_case);
	if (!l)
		return -ENOMEM;
	if (l->nr_points == PLOT_MAX_POINTS)
		return 0;
	point = &l->points[l->nr_points++];
	point->at = key.at;
	point->low = hist_quantile(&dist->hist, .25) * dist->scale_ns;
	point->mid = hist_quantile(&dist->hist, .5) * dist->scale_ns;
	point->high = hist_quantile(&dist->hist, .75) * dist->scale_ns;
	return 0;
}

static int by_at(const void *a, const void *b)
{
	const struct plot_point *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* One point is no sweep; the points of the others in order. */
static void keep_sweeps(struct plot_lines *lines)
{
	unsigned int i, nr = 0;

	for (i = 0; i < lines->nr; i++) {
		struct plot_line *l = lines->v[i];

		qsort(l->points, l->nr_points, sizeof(l->points[0]), by_at);
		if (l->nr_points >= 2)
			lines->v[nr++] = l;
		else
			free(l);
	}
	lines->nr = nr;
}

int plot_collect_sweeps(const struct plot_lines *dists, struct plot_lines *to)
{
	unsigned int i, part;
	int ret = 0;

	for (i = 0; i < dists->nr && !ret; i++)
		for (part = 0; part < MAX_PARTS && !ret; part++)
			ret = add_point(to, dists->v[i], part, true) ?:
			      add_point(to, dists->v[i], part, false);
	keep_sweeps(to);
	return ret;
}

static void sweep_rows(struct picture *p, const struct plot_line *l,
		       struct axis *x, double *low, double *high)
{
	char label[120];
	unsigned int i;

	fprintf(p->tsv, "%s\tp25_ns\tmedian_ns\tp75_ns\tideal_ns\n",
		picture_quote(l->label, label, sizeof(label)));
	for (i = 0; i < l->nr_points; i++) {
		const struct plot_point *point = &l->points[i];

		axis_add(x, point->at);
		*low = fmin(*low, fmax(point->low, 1e-3));
		*high = fmax(*high, point->high);
		fprintf(p->tsv, "%g\t%.6g\t%.6g\t%.6g\t%.6g\n", point->at,
			point->low, point->mid, point->high,
			l->points[0].mid);
	}
	fputs("\n\n", p->tsv);
}

int plot_sweeps(struct plot_line *const *v, unsigned int nr, const char *base,
		const char *title, struct plot_out *o)
{
	bool ideal = counts_vcpus(v[0]->what);
	double low = INFINITY, high = 1e-3;
	struct axis x = {};
	char name[200], head[200];
	struct picture p;
	unsigned int i;

	snprintf(name, sizeof(name), "%.150s-by-%s", base, v[0]->what);
	snprintf(head, sizeof(head), "%.150s over %s", title, v[0]->what);
	if (picture_begin(&p, name, head, v[0]->r))
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	for (i = 0; i < nr; i++)
		sweep_rows(&p, v[i], &x, &low, &high);
	picture_time_axis(&p, 'y', "median, bars: middle half of the samples",
			  low / 1.5, high * 1.5);
	number_axis(&p, v[0]->what, &x);
	picture_legend(&p, nr + ideal);
	fprintf(p.gp, "plot for [i=0:%u] data index i using 1:3:2:4 with yerrorlines lt i+1 ps 1.2 title columnheader(1)",
		nr - 1);
	if (ideal)
		fprintf(p.gp, ", \\\n  for [i=0:%u] data index i using 1:5 with lines lt i+1 lw 1 dt 3 notitle, \\\n  NaN with lines lc rgb '#808080' dt 3 title 'dotted: ideal, as at the smallest number'",
			nr - 1);
	fputc('\n', p.gp);
	return picture_end(&p, o);
}
