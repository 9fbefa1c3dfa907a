// SPDX-License-Identifier: GPL-2.0-only
/* "program: sentence", see say.h. */
#include <stdarg.h>
#include <stdio.h>

#include "bench/say.h"

void bench_say(const char *who, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", who);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
