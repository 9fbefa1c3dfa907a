// SPDX-License-Identifier: GPL-2.0-only
/* Signals for LAVA, one per figure and one per record. */
#include "figure.h"
#include "internal.h"

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
	figure_each(s, r, e, lava_figure);
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
