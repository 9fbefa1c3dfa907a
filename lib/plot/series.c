// SPDX-License-Identifier: GPL-2.0-only
/*
 * Curves of stored series: a pre-copy loop, flushes over vCPUs.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

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
	l->scale_ns = fmt_unit_ns(e->unit);
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
				in_ns(l, i), zero ? fmax(in_ns(l, i), AXIS_ZERO_AT) :
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
		series_rows(&p, v[i], axis_has_zero(low, high));
	axis_value(&p, v[0]->e->unit, low, high);
	axis_number(&p, v[0]->e->x_name, &x);
	picture_legend(&p, nr);
	fprintf(p.gp, "plot for [i=0:%u] data index i using 1:3 with linespoints lt i+1 ps 1.2 title columnheader(1)\n",
		nr - 1);
	return picture_end(&p, o);
}
