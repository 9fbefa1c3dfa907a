// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small formats that other people's tools read:
 *   lkp        "key: value", as the kernel test robot's result files
 *   benchfmt   Go benchmark lines; repeats of a case become samples
 *   lava       LAVA test case signals
 * Times of an emulator's wall clock are left out of all of them.
 */
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "sink/sink.h"

/* One figure of a record: a whole event or a quantile of it. */
typedef void (*figure_fn)(struct sink *s, const struct record *r,
		       const char *name, const char *part, double value,
		       const char *unit);

/* @unit as one word. */
static const char *unit_word(const char *unit, char *buf, size_t size)
{
	char *c;

	snprintf(buf, size, "%s", *unit ? unit : "1");
	for (c = buf; *c; c++)
		if (*c == ' ')
			*c = '_';
	return buf;
}

static void each_figure(struct sink *s, const struct record *r,
			const struct event *e, figure_fn fn)
{
	static const struct {
		const char *part;
		double fraction;
	} parts[] = {
		{ ".min", 0 }, { ".p50", .5 }, { ".p99", .99 },
		{ ".p999", .999 }, { ".max", 1 },
	};
	char unit[40];
	unsigned int i;

	if (e->unit && r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit))
		return;
	if (e->unit)
		unit_word(e->unit, unit, sizeof(unit));
	if ((e->type == EVENT_COUNT || e->type == EVENT_VALUE) && e->has_value)
		fn(s, r, e->name, "", e->value, unit);
	if (e->type != EVENT_DIST || !e->hist->n)
		return;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		fn(s, r, e->name, parts[i].part,
		   event_quantile(e, parts[i].fraction), unit);
}

/* ---- lkp ------------------------------------------------------------------ */

static void lkp_figure(struct sink *s, const struct record *r,
		       const char *name, const char *part, double value,
		       const char *unit)
{
	fprintf(s->out, "%s.%s.%s%s_%s: %.12g\n", r->place, r->case_name, name,
		part, unit, value);
}

static void lkp_event(struct sink *s, const struct record *r,
		      const struct event *e)
{
	each_figure(s, r, e, lkp_figure);
}

static void lkp_end(struct sink *s, const struct record *r, size_t i)
{
	fprintf(s->out, "%s.%s.%s: 1\n", r->place, r->case_name,
		verdict_name(r->verdict));
}

const struct sink_ops sink_lkp = {
	.name = "lkp",
	.summary = "key: value lines, as lkp-tests reads",
	.event = lkp_event,
	.record_end = lkp_end,
};

/* ---- benchfmt ------------------------------------------------------------- */

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
	each_figure(s, r, e, benchfmt_figure);
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

/* ---- lava ----------------------------------------------------------------- */

static void lava_figure(struct sink *s, const struct record *r,
			const char *name, const char *part, double value,
			const char *unit)
{
	fprintf(s->out, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=%s.%s.%s%s RESULT=%s MEASUREMENT=%.12g UNITS=%s>\n",
		r->place, r->case_name, name, part,
		verdict_exit_code(r->verdict) == EXIT_FAIL ? "fail" : "pass",
		value, unit);
}

static void lava_event(struct sink *s, const struct record *r,
		       const struct event *e)
{
	each_figure(s, r, e, lava_figure);
}

static void lava_end(struct sink *s, const struct record *r, size_t i)
{
	const char *result = r->verdict == VERDICT_SKIP ? "skip" :
		r->verdict == VERDICT_PASS ? "pass" : "fail";

	fprintf(s->out, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=%s.%s RESULT=%s>\n",
		r->place, r->case_name, result);
}

const struct sink_ops sink_lava = {
	.name = "lava",
	.summary = "LAVA test case signals",
	.event = lava_event,
	.record_end = lava_end,
};
