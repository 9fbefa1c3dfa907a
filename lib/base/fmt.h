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

#define FMT_WIDTH	78	/* columns of everything printed for people */

/*
 * Format @value in @unit with three significant digits and a suitable prefix:
 * 1234 ns is "1.23us", 0.971 x is "0.971x", 65536 bytes "64K".  Whole counts
 * are exact up to seven digits.  NaN is "-".  Returns @buf.
 */
char *fmt_quantity(char *buf, size_t size, double value, const char *unit);

/* Same, without the unit's name if that would not fit a table cell. */
char *fmt_cell(char *buf, size_t size, double value, const char *unit);

/*
 * Does a figure in @unit depend on a clock?  A duration, a rate and a quotient
 * of two such ("x") do; a "ratio" is a quotient of counts and does not.
 */
bool fmt_unit_is_time(const char *unit);

/* Nanoseconds per @unit if that is a plain duration, else 0. */
double fmt_unit_ns(const char *unit);

/*
 * Draw @h in @width cells, as ASCII characters or UTF-8 blocks.  Values lie on a
 * logarithmic axis from min to max, counts on a logarithmic axis from nothing
 * to the fullest cell.  @buf needs 3 * @width + 1 bytes.
 */
char *fmt_spark(char *buf, size_t size, const struct hist *h,
		unsigned int width, bool utf8);

/*
 * Print @text in lines of at most FMT_WIDTH columns.  The first line starts with
 * @first, the others are indented by its width.  Newlines in @text become
 * spaces; words longer than a line are cut.
 */
void fmt_wrap(FILE *out, const char *first, const char *text);

/* Fit @name into @width columns; if it is too long, its middle is left out. */
char *fmt_shorten(char *buf, size_t size, const char *name,
		  unsigned int width);

/* Columns that @text takes on a terminal (UTF-8 without wide characters). */
unsigned int fmt_columns(const char *text);

#endif
