/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, small histograms and sentences as text for people.
 */
#ifndef MMUBENCH_FMT_H
#define MMUBENCH_FMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/hist.h"

#define FMT_WIDTH	78	/* of everything printed for people */

/*
 * @value in @unit with three significant digits and the prefix that suits:
 * 1234 ns is "1.23us", 0.971 x is "0.971x", 65536 bytes "64K"; whole counts
 * stay exact up to seven digits.  NaN is "-".  Returns @buf.
 */
char *fmt_quantity(char *buf, size_t size, double value, const char *unit);

/* The same without the unit's name where that would not fit a table cell. */
char *fmt_cell(char *buf, size_t size, double value, const char *unit);

/*
 * Is a figure in @unit a duration, a rate, or two of those divided ("x"), so
 * that it depends on a clock?  A "ratio" is one of counts, and is not.
 */
bool fmt_unit_is_time(const char *unit);

/*
 * @h in @width cells: values on a logarithmic axis from min to max, count on
 * a logarithmic axis from nothing to the fullest cell; ASCII or UTF-8 blocks.
 * @buf needs 3 * @width + 1 bytes.
 */
char *fmt_spark(char *buf, size_t size, const struct hist *h,
		unsigned int width, bool utf8);

/*
 * Print @text broken into lines of at most FMT_WIDTH columns, the first
 * starting with @first, the others indented as far.  Line ends in @text
 * become spaces; words longer than a line are cut into pieces.
 */
void fmt_wrap(FILE *out, const char *first, const char *text);

/* @name in at most @width columns, its middle replaced when too long. */
char *fmt_shorten(char *buf, size_t size, const char *name,
		  unsigned int width);

/* Columns that @text takes on a terminal (UTF-8 without wide characters). */
unsigned int fmt_columns(const char *text);

#endif
