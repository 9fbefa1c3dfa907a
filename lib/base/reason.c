// SPDX-License-Identifier: GPL-2.0-only
/* One sentence for the user and the ending it means, see reason.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/reason.h"

static void __attribute__((format(printf, 4, 0)))
fill(struct reason *why, enum ending ending, int err, const char *fmt,
     va_list ap)
{
	if (!why)
		return;
	why->err = err;
	why->ending = ending;
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
}

int reason_set(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(why, ENDING_FAIL, err, fmt, ap);
	va_end(ap);
	return err;
}

int reason_skip(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(why, ENDING_SKIP, err, fmt, ap);
	va_end(ap);
	return err;
}

int reason_usage(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(why, ENDING_USAGE, err, fmt, ap);
	va_end(ap);
	return err;
}

int reason_invalid(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(why, ENDING_INVALID, err, fmt, ap);
	va_end(ap);
	return err;
}

int reason_pass_on(struct reason *why, const struct reason *inner,
		   const char *who)
{
	reason_set(why, inner->err, "%s%s%s", who ? who : "", who ? ": " : "",
		   inner->text);
	if (why)
		why->ending = inner->ending;
	return inner->err;
}

int reason_was_probe(struct reason *why, int err)
{
	if (why)
		why->ending = ENDING_SKIP;
	return err;
}
