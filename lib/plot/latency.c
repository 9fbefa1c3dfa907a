// SPDX-License-Identifier: GPL-2.0-only
/*
 * Distributions as pictures: how often which latency, and which latency at
 * which percentile.
 *
 * The histogram has both axes logarithmic: the count axis shows single
 * outliers beside millions of common cases, the time axis keeps both in view.
 * Bins of the record are put together to BINS_PER_OCTAVE, wide enough for a
 * line, narrow enough to keep modes apart; the largest sample is marked.
 * The percentile plot uses the record's own bins.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

/* Chosen: 4 to 16 all give readable lines; must divide HIST_NR_SUB. */
#define BINS_PER_OCTAVE	8

/* Where the line of an empty bin lies on the count axis. */
#define FLOOR	0.6

static double low_ns(const struct plot_line *l)
{
	return fmax(l->hist.min, 1) * l->scale_ns;
}

static double high_ns(const struct plot_line *l)
{
	return fmax(l->hist.max, 1) * l->scale_ns;
}

static void range(struct plot_line *const *lines, unsigned int nr, double *low,
		  double *high)
{
	unsigned int i;

	*low = low_ns(lines[0]);
	*high = high_ns(lines[0]);
	for (i = 1; i < nr; i++) {
		*low = fmin(*low, low_ns(lines[i]));
		*high = fmax(*high, high_ns(lines[i]));
	}
}

/* The legend: what the line is and its three most asked-for figures. */
static void legend(FILE *tsv, const struct plot_line *l)
{
	char p50[40], p99[40], max[40], n[40], label[120];

	fprintf(tsv, "%s: n %s, p50 %s, p99 %s, max %s",
		picture_quote(l->label, label, sizeof(label)),
		fmt_cell(n, sizeof(n), l->hist.n, ""),
		fmt_cell(p50, sizeof(p50),
			 hist_quantile(&l->hist, .5) * l->scale_ns, "ns"),
		fmt_cell(p99, sizeof(p99),
			 hist_quantile(&l->hist, .99) * l->scale_ns, "ns"),
		fmt_cell(max, sizeof(max), high_ns(l), "ns"));
}

/* The first value of octave slot @slot; slots are the coarser bins. */
static double slot_low(int slot)
{
	return exp2((double)slot / BINS_PER_OCTAVE);
}

static int slot_of(double value)
{
	return floor(log2(fmax(value, 1)) * BINS_PER_OCTAVE + 1e-9);
}

static void histogram_rows(FILE *tsv, const struct plot_line *l)
{
	/* A slot for every octave of 64 bits, 2^64 as a rounded double too. */
	uint64_t counts[64 * BINS_PER_OCTAVE + 1] = {};
	int first = slot_of(l->hist.min), last = slot_of(l->hist.max), slot;
	unsigned int i;

	for (i = 0; i < HIST_NR_BINS; i++) {
		double mid = (hist_bin_low(i) + (double)hist_bin_high(i) - 1) / 2;

		if (!l->hist.bins[i])
			continue;
		if (i == HIST_NR_BINS - 1)
			mid = l->hist.max;
		slot = slot_of(fmin(fmax(mid, l->hist.min), l->hist.max));
		counts[slot] += l->hist.bins[i];
	}
	fprintf(tsv, "%.6g\t0\t%g\n", slot_low(first) * l->scale_ns, FLOOR);
	for (slot = first; slot <= last; slot++)
		fprintf(tsv, "%.6g\t%llu\t%g\n", slot_low(slot) * l->scale_ns,
			(unsigned long long)counts[slot],
			counts[slot] ? (double)counts[slot] : FLOOR);
	fprintf(tsv, "%.6g\t0\t%g\n", slot_low(last + 1) * l->scale_ns, FLOOR);
}

static const char *time_label(const struct plot_line *l)
{
	return l->r->clock == CLOCK_VIRTUAL ?
		"latency (virtual time: instructions counted as ns)" :
		"latency";
}

static int histogram(struct plot_line *const *lines, unsigned int nr,
		     const char *name, const char *title, struct plot_out *o)
{
	double low, high;
	struct picture p;
	unsigned int i;
	int ret;

	ret = picture_begin(&p, name, title, lines[0]->r);
	if (ret)
		return reason_set(o->why, ret, "no memory for a picture");
	range(lines, nr, &low, &high);
	picture_legend(&p, nr);
	picture_time_axis(&p, 'x', time_label(lines[0]), low / 1.2, high * 1.3);
	fprintf(p.gp, "set logscale y 10\nset yrange [%g:*]\n"
		"set ylabel 'samples per bin (1/%d octave), dot: the largest'\n"
		"set ytics ('1' 1, '10' 10, '100' 100, '1k' 1e3, '10k' 1e4, '100k' 1e5, '1M' 1e6, '10M' 1e7, '100M' 1e8, '1G' 1e9)\n"
		"plot for [i=0:%u] data index 2*i using 1:3 with steps lt i+1 title columnheader(1), \\\n"
		"  for [i=0:%u] data index 2*i+1 using 1:3 with points lt i+1 ps 1.3 notitle\n",
		FLOOR, BINS_PER_OCTAVE, nr - 1, nr - 1);
	for (i = 0; i < nr; i++) {
		legend(p.tsv, lines[i]);
		fputs("\tcount\tdrawn\n", p.tsv);
		histogram_rows(p.tsv, lines[i]);
		/* The worst case, on the floor where it can be seen. */
		fprintf(p.tsv, "\n\nmax\tcount\tdrawn\n%.6g\t1\t%g\n\n\n",
			high_ns(lines[i]), 1.);
	}
	return picture_end(&p, o);
}

/* Points (1/(1-p), latency): at p of the samples the latency is reached. */
static void percentile_rows(FILE *tsv, const struct plot_line *l)
{
	uint64_t seen = 0, n = l->hist.n;
	unsigned int i;

	for (i = 0; i < HIST_NR_BINS; i++) {
		double mid = (hist_bin_low(i) + (double)hist_bin_high(i) - 1) / 2;

		if (!l->hist.bins[i])
			continue;
		mid = fmin(fmax(mid, l->hist.min), l->hist.max);
		fprintf(tsv, "%.8g\t%.6g\n", (double)n / (n - seen),
			fmax(mid, 1) * l->scale_ns);
		seen += l->hist.bins[i];
	}
	fprintf(tsv, "%.8g\t%.6g\n", (double)n, high_ns(l));
}

static int percentiles(struct plot_line *const *lines, unsigned int nr,
		       const char *name, const char *title, struct plot_out *o)
{
	double low, high, most = 2;
	struct picture p;
	unsigned int i;
	int ret;

	ret = picture_begin(&p, name, title, lines[0]->r);
	if (ret)
		return reason_set(o->why, ret, "no memory for a picture");
	range(lines, nr, &low, &high);
	for (i = 0; i < nr; i++)
		most = fmax(most, lines[i]->hist.n);
	picture_legend(&p, nr);
	picture_time_axis(&p, 'y', time_label(lines[0]), low / 1.2, high * 1.3);
	fprintf(p.gp, "set logscale x 10\nset xrange [1:%g]\n"
		"set xlabel 'percentile (axis: 1/(1-p), each decade one more nine)'\n"
		"set xtics ('0' 1, '50' 2, '90' 10, '99' 100, '99.9' 1e3, '99.99' 1e4, '99.999' 1e5, '99.9999' 1e6, '7 nines' 1e7, '8 nines' 1e8, '9 nines' 1e9)\n"
		"plot for [i=0:%u] data index i using 1:2 with steps lt i+1 title columnheader(1)\n",
		most * 1.1, nr - 1);
	for (i = 0; i < nr; i++) {
		legend(p.tsv, lines[i]);
		fputs("\tlatency_ns\n", p.tsv);
		percentile_rows(p.tsv, lines[i]);
		fputs("\n\n", p.tsv);
	}
	return picture_end(&p, o);
}

int plot_latency(struct plot_line *const *v, unsigned int nr, const char *base,
		 const char *title, struct plot_out *o)
{
	char name[200], head[200];
	int ret;

	snprintf(name, sizeof(name), "%.180s-histogram", base);
	snprintf(head, sizeof(head), "%.150s, how often which latency", title);
	ret = histogram(v, nr, name, head, o);
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "%.180s-percentiles", base);
	snprintf(head, sizeof(head), "%.150s, latency by percentile", title);
	return percentiles(v, nr, name, head, o);
}
