// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How did it end, and why?
 *
 * Endings are the verdicts that all programs here know (record/verdict.h); the
 * lab adds how it states one and what it calls it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "lab/base/ending.h"

enum verdict ending_set(struct reason *why, enum verdict end, const char *fmt,
			...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return end;
}

const char *ending_name(enum verdict end)
{
	switch (end) {
	case VERDICT_PASS:
		return "PASS";
	case VERDICT_SKIP:
		return "SKIP";
	case VERDICT_USAGE:
		return "USAGE";
	default:
		return "FAIL";
	}
}
