// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What does the lab tell its user while it works, and was it asked to stop?
 *
 * Progress goes to stderr, one sentence a line, so that stdout holds nothing
 * but what the hosts print and the report.  A signal handler sets lab_stop;
 * every loop that waits looks at it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "lab/base/say.h"

volatile sig_atomic_t lab_stop;

void lab_say(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("lab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
