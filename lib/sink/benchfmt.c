// SPDX-License-Identifier: GPL-2.0-only
/* Go benchmark lines for benchstat, a line per record. */
#include "figure.h"
#include "internal.h"

static void benchfmt_begin(struct sink *s, const struct record *r, size_t i)
{
	fprintf(s->out, "place: %s\nverdict: %s\n", r->place,
		verdict_name(r->verdict));
	fprintf(s->out, "Benchmark%s 1", r->case_name);
}

static void benchfmt_figure(struct sink *s, const struct record *r,
			    const char *name, const char *part, double value,
			    const char *unit)
{
	fprintf(s->out, " %.12g %s%s-%s", value, name, part, unit);
}

static void benchfmt_event(struct sink *s, const struct record *r,
			   const struct event *e)
{
	figure_each(s, r, e, benchfmt_figure);
}

static void benchfmt_end(struct sink *s, const struct record *r, size_t i)
{
	/* A line needs at least one measurement to be read as a result. */
	fprintf(s->out, " %d failed-verdicts\n",
		verdict_exit_code(r->verdict) == EXIT_FAIL);
}

const struct sink_ops sink_benchfmt = {
	.name = "benchfmt",
	.summary = "Go benchmark lines, for benchstat",
	.record_begin = benchfmt_begin,
	.event = benchfmt_event,
	.record_end = benchfmt_end,
};
