// SPDX-License-Identifier: GPL-2.0-only
/*
 * The axes of a curve: which tics, linear or logarithmic?
 */
#include <math.h>

#include "base/fmt.h"
#include "internal.h"

/* Above this ratio of largest to smallest a curve is drawn logarithmic. */
#define LOG_RATIO	50

void axis_add(struct axis *a, double value)
{
	unsigned int i;

	a->low = a->nr ? fmin(a->low, value) : value;
	a->high = a->nr ? fmax(a->high, value) : value;
	for (i = 0; i < a->nr && i < AXIS_MAX_TICS; i++)
		if (a->tics[i] == value)
			return;
	if (a->nr < AXIS_MAX_TICS && value == rint(value))
		a->tics[a->nr++] = value;
	else
		a->nr = AXIS_MAX_TICS + 1;
}

void axis_number(struct picture *p, const char *name, const struct axis *a)
{
	double room = a->high > a->low ? (a->high - a->low) * .04 : 1;
	char text[60];
	unsigned int i;

	fprintf(p->gp, "set xlabel '%s'\nset xrange [%g:%g]\n",
		picture_quote(name, text, sizeof(text)), a->low - room,
		a->high + room);
	for (i = 0; a->nr <= AXIS_MAX_TICS && i < a->nr; i++)
		fprintf(p->gp, "%s%.10g%s", i ? ", " : "set xtics (",
			a->tics[i], i + 1 == a->nr ? ")\n" : "");
}

bool axis_has_zero(double low, double high)
{
	return low == 0 && high > LOG_RATIO;
}

void axis_value(struct picture *p, const char *unit, double low, double high)
{
	bool zero = axis_has_zero(low, high);
	char quoted[60];
	double at;

	if (fmt_unit_ns(unit) > 0 && low > 0) {
		picture_time_axis(p, 'y', "time", low / 1.5, high * 1.5);
		return;
	}
	fprintf(p->gp, "set ylabel '%s'\nset format y '%%.10g'\n",
		picture_quote(unit, quoted, sizeof(quoted)));
	if (zero) {
		fprintf(p->gp, "set ytics ('0' %g", AXIS_ZERO_AT);
		for (at = 1; at < high * 1.5; at *= 10)
			fprintf(p->gp, ", '%.0f' %.0f", at, at);
		fputs(")\n", p->gp);
	}
	if (zero || (low > 0 && high / low > LOG_RATIO))
		fprintf(p->gp, "set logscale y 10\nset yrange [%g:%g]\n",
			(zero ? AXIS_ZERO_AT : low) / 1.5, high * 1.5);
	else
		fprintf(p->gp, "set yrange [%g:%g]\n", fmin(0, low * 1.1),
			high > 0 ? high * 1.1 : 1.);
}
