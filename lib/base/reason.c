// SPDX-License-Identifier: GPL-2.0-only
/* One sentence for the user, see reason.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/reason.h"

int reason_set(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return err;
	why->err = err;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}
