// SPDX-License-Identifier: GPL-2.0-only
/* The figures of an event, see figure.h. */
#include <string.h>

#include "base/fmt.h"
#include "figure.h"

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

void figure_each(struct sink *s, const struct record *r, const struct event *e,
		 figure_fn fn)
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
