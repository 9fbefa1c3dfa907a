// SPDX-License-Identifier: GPL-2.0-only
/*
 * Curves: stored series (a pre-copy loop, flushes over vCPUs), and one figure
 * over the number in which cases differ (vcpus1, vcpus2, vcpus4 ...).
 *
 * A sweep shows medians with bars over the middle half of the samples.  Over
 * vCPUs it also shows the ideal: a latency that stays what it was at the
 * smallest number.  It cannot tell noise between runs from the bars, those
 * are the spread inside one run.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "plot_internal.h"

/* Above this ratio of largest to smallest a curve is drawn logarithmic. */
#define LOG_RATIO	50

static bool counts_vcpus(const char *name)
{
	return !strcmp(name, "vcpus") || !strcmp(name, "vcpu") ||
	       !strcmp(name, "threads");
}

/* ---- stored series --------------------------------------------------------- */

static bool drawable(const struct record *r, const struct event *e)
{
	return e->type == EVENT_SERIES && e->nr_points >= 2 &&
	       !(r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit));
}

static bool same_picture(const struct event *a, const struct event *b)
{
	return !strcmp(a->unit, b->unit) && !strcmp(a->x_name, b->x_name);
}

/* Is @i the first series of its picture? */
static bool is_first(const struct record *r, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (drawable(r, &r->events[j]) &&
		    same_picture(&r->events[j], &r->events[i]))
			return false;
	return true;
}

static void widen(const struct event *e, double *low, double *high)
{
	unsigned int i;

	for (i = 0; i < e->nr_points; i++)
		if (isfinite(e->y[i])) {
			*low = fmin(*low, e->y[i]);
			*high = fmax(*high, e->y[i]);
		}
}

/* Few whole numbers are tics of their own; room left and right of them. */
static void number_axis(struct picture *p, const char *name, const double *x,
			unsigned int nr)
{
	double low = x[0], high = x[0], room;
	bool whole = nr <= 24;
	char text[60];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		low = fmin(low, x[i]);
		high = fmax(high, x[i]);
		whole = whole && x[i] == rint(x[i]);
	}
	room = high > low ? (high - low) * .04 : 1;
	fprintf(p->gp, "set xlabel '%s'\nset xrange [%g:%g]\n",
		picture_quote(name, text, sizeof(text)), low - room,
		high + room);
	for (i = 0; whole && i < nr; i++)
		fprintf(p->gp, "%s%.10g%s", i ? ", " : "set xtics (", x[i],
			i + 1 == nr ? ")\n" : "");
}

static void series_rows(struct picture *p, const struct event *e, double ns)
{
	unsigned int i;

	fprintf(p->tsv, "%s\t%s\n", e->name, e->unit);
	for (i = 0; i < e->nr_points; i++)
		if (isfinite(e->y[i]) && isfinite(e->x[i]))
			fprintf(p->tsv, "%.9g\t%.9g\n", e->x[i], e->y[i] * ns);
	fputs("\n\n", p->tsv);
}

/* Nanoseconds per unit of a plain duration, 0 for everything else. */
static double unit_ns(const char *unit)
{
	return !strcmp(unit, "ns") ? 1 : !strcmp(unit, "us") ? 1e3 :
	       !strcmp(unit, "ms") ? 1e6 : !strcmp(unit, "s") ? 1e9 : 0;
}

static void value_axis(struct picture *p, const struct event *e, double low,
		       double high)
{
	bool log = low > 0 && high / low > LOG_RATIO;
	char unit[60];

	picture_quote(e->unit, unit, sizeof(unit));
	if (unit_ns(e->unit) && low > 0) {
		picture_time_axis(p, 'y', "time", low * unit_ns(e->unit) / 1.5,
				  high * unit_ns(e->unit) * 1.5);
		return;
	}
	fprintf(p->gp, "set ylabel '%s'\nset format y '%%.10g'\n", unit);
	if (log)
		fprintf(p->gp, "set logscale y 10\nset yrange [%g:%g]\n",
			low / 1.5, high * 1.5);
	else
		fprintf(p->gp, "set yrange [%g:%g]\n", fmin(0, low * 1.1),
			high > 0 ? high * 1.1 : 1.);
}

static int series_picture(const struct record *r, size_t first,
			  struct plot_out *o)
{
	const struct event *e = &r->events[first];
	double low = INFINITY, high = -INFINITY, ns = unit_ns(e->unit);
	char name[200], title[200];
	struct picture p;
	unsigned int nr = 0;
	size_t i;

	snprintf(name, sizeof(name), "%.40s-%.100s-%.40s", r->place,
		 r->case_name, e->name);
	snprintf(title, sizeof(title), "%.120s: %.60s", r->case_name, e->name);
	if (picture_begin(&p, name, title, r))
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	for (i = first; i < r->nr_events && nr < PLOT_MAX_LINES; i++) {
		if (!drawable(r, &r->events[i]) ||
		    !same_picture(e, &r->events[i]))
			continue;
		widen(&r->events[i], &low, &high);
		series_rows(&p, &r->events[i], low > 0 && ns ? ns : 1);
		nr++;
	}
	value_axis(&p, e, isfinite(low) ? low : 0, isfinite(high) ? high : 1);
	number_axis(&p, e->x_name, e->x, e->nr_points);
	picture_legend(&p, nr);
	fprintf(p.gp, "plot for [i=0:%u] data index i using 1:2 with linespoints lt i+1 ps 1.2 title columnheader(1)\n",
		nr - 1);
	return picture_end(&p, o);
}

int plot_series(const struct record *r, struct plot_out *o)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < r->nr_events && !ret; i++)
		if (drawable(r, &r->events[i]) && is_first(r, i))
			ret = series_picture(r, i, o);
	return ret;
}

/* ---- sweeps over a number in the name ---------------------------------------- */

struct sweep_key {
	char rest[200];		/* the name with '*' for the number */
	char what[40];		/* "vcpus" */
	double at;
};

/* Cut component @nr (from 0) "vcpus4" of @name into what and number. */
static bool cut_component(const char *name, unsigned int nr,
			  struct sweep_key *key)
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
	snprintf(key->rest, sizeof(key->rest), "%.*s*%s",
		 (int)(digits - name), name, digits + number);
	return true;
}

#define MAX_COMPONENTS 8

/* The number may stand in the name of the case or of the figure. */
static bool cut_line(const struct plot_line *l, unsigned int nr,
		     struct sweep_key *key)
{
	char full[400];

	snprintf(full, sizeof(full), "%.200s.%.190s", l->r->case_name,
		 l->e->name);
	return cut_component(full, nr, key);
}

/* Does line @l belong to the sweep @key of component @nr of line @of? */
static bool in_sweep(const struct plot_line *l, const struct plot_line *of,
		     unsigned int nr, const struct sweep_key *key,
		     struct sweep_key *own)
{
	return !strcmp(l->r->place, of->r->place) && cut_line(l, nr, own) &&
	       !strcmp(own->rest, key->rest);
}

#define MAX_POINTS 64

struct point {
	double at, low, mid, high;	/* ns */
};

static int by_at(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int sweep_picture(const struct plot_line *of, const struct sweep_key *key,
			 struct point *points, unsigned int nr,
			 struct plot_out *o)
{
	bool ideal = counts_vcpus(key->what);
	double low = INFINITY, high = 0;
	char name[200], title[240];
	double at[MAX_POINTS];
	struct picture p;
	unsigned int i;

	if (nr > MAX_POINTS)
		nr = MAX_POINTS;
	qsort(points, nr, sizeof(*points), by_at);
	snprintf(name, sizeof(name), "%.40s-%.120s-by-%.30s", of->r->place,
		 key->rest, key->what);
	for (i = 0; name[i]; i++)
		if (name[i] == '*')
			name[i] = 'N';
	snprintf(title, sizeof(title), "%.150s over %.30s", key->rest,
		 key->what);
	if (picture_begin(&p, name, title, of->r))
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	fprintf(p.tsv, "%s\tp25_ns\tmedian_ns\tp75_ns\tideal_ns\n", key->what);
	for (i = 0; i < nr; i++) {
		at[i] = points[i].at;
		fprintf(p.tsv, "%g\t%.6g\t%.6g\t%.6g\t%.6g\n", points[i].at,
			points[i].low, points[i].mid, points[i].high,
			points[0].mid);
		low = fmin(low, points[i].low);
		high = fmax(high, points[i].high);
	}
	picture_time_axis(&p, 'y', "time", fmax(low, 1e-3) / 1.5,
			  fmax(high, 1e-3) * 1.5);
	number_axis(&p, key->what, at, nr);
	picture_legend(&p, 1 + ideal);
	fprintf(p.gp, "plot data using 1:3:2:4 skip 1 with yerrorlines lt 1 ps 1.2 title 'median, bars: middle half of the samples'%s\n",
		ideal ? ", \\\n  data using 1:5 skip 1 with lines lc rgb '#808080' dt 2 title 'ideal: as at the smallest number'" : "");
	return picture_end(&p, o);
}

static int sweep_of(struct plot_line *const *lines, unsigned int nr,
		    unsigned int first, unsigned int component,
		    struct plot_out *o)
{
	struct sweep_key key, own;
	struct point *points;
	unsigned int i, n = 0;
	int ret = 0;

	if (!cut_line(lines[first], component, &key))
		return 0;
	points = calloc(nr, sizeof(*points));
	if (!points)
		return reason_set(o->why, -ENOMEM, "no memory for a picture");
	for (i = 0; i < nr; i++) {
		const struct plot_line *l = lines[i];

		if (!in_sweep(l, lines[first], component, &key, &own))
			continue;
		/* Drawn once, when its first line comes by. */
		if (i < first)
			break;
		points[n].at = own.at;
		points[n].low = hist_quantile(&l->hist, .25) * l->scale_ns;
		points[n].mid = hist_quantile(&l->hist, .5) * l->scale_ns;
		points[n++].high = hist_quantile(&l->hist, .75) * l->scale_ns;
	}
	if (i == nr && n >= 2)
		ret = sweep_picture(lines[first], &key, points, n, o);
	free(points);
	return ret;
}

int plot_sweeps(struct plot_line *const *lines, unsigned int nr,
		struct plot_out *o)
{
	unsigned int i, component;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++)
		for (component = 0; component < MAX_COMPONENTS && !ret;
		     component++)
			ret = sweep_of(lines, nr, i, component, o);
	return ret;
}
