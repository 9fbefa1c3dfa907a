// SPDX-License-Identifier: GPL-2.0-only
/* "key: value" lines as lkp-tests reads them, a line per figure. */
#include "figure.h"
#include "internal.h"

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
	figure_each(s, r, e, lkp_figure);
}

static void lkp_end(struct sink *s, const struct record *r, size_t i)
{
	fprintf(s->out, "%s.%s.%s: 1\n", r->place, r->case_name,
		verdict_name(r->verdict));
}

const struct sink_ops sink_lkp = {
	.name = "lkp",
	.summary = "\"key: value\" lines, as lkp-tests reads them",
	.event = lkp_event,
	.record_end = lkp_end,
};
