// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers, small histograms and sentences as text for people, see fmt.h.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/fmt.h"

static bool has_word(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

bool fmt_unit_is_time(const char *unit)
{
	static const char *const times[] = {
		"ns", "us", "ms", "s", "seconds", "ticks", "cycles", "tsc",
		"x", NULL
	};

	return has_word(times, unit) || !strncmp(unit, "ns/", 3) ||
	       !strncmp(unit, "us/", 3) || !strncmp(unit, "cycles/", 7) ||
	       !strncmp(unit, "ticks/", 6) || strstr(unit, "/s");
}

/* Three significant digits without an exponent, for 0 or 1e-3 .. 999.5. */
static void three_digits(char *buf, size_t size, double value)
{
	double abs = fabs(value);

	/* Ticks times a scale are whole but for rounding. */
	if (fabs(abs - rint(abs)) < 1e-4 * abs && abs < 1000)
		snprintf(buf, size, "%.0f", value);
	else if (abs < 9.995)
		snprintf(buf, size, abs < .09995 ? "%.2g" : abs < .9995 ?
			 "%.3f" : "%.2f", value);
	else
		snprintf(buf, size, abs < 99.95 ? "%.1f" : "%.0f", value);
}

/* Divide by @step while there is a larger prefix; the last one is kept. */
static void scaled(char *buf, size_t size, double value, double step,
		   const char *const *prefixes)
{
	char number[32];

	while (fabs(value) >= step * .9995 && prefixes[1]) {
		value /= step;
		prefixes++;
	}
	if (fabs(value) >= step * .9995)
		snprintf(number, sizeof(number), "%.3g", value);
	else
		three_digits(number, sizeof(number), value);
	snprintf(buf, size, "%s%s", number, *prefixes);
}

static const char *const time_names[] = { "ns", "us", "ms", "s", NULL };

/* Nanoseconds in the unit that the first @len characters of @unit name, or 0. */
static double time_in_ns(const char *unit, size_t len)
{
	static const double in_ns[] = { 1, 1e3, 1e6, 1e9 };
	unsigned int i;

	for (i = 0; time_names[i]; i++)
		if (strlen(time_names[i]) == len &&
		    !strncmp(time_names[i], unit, len))
			return in_ns[i];
	return 0;
}

double fmt_unit_ns(const char *unit)
{
	return time_in_ns(unit, strlen(unit));
}

static bool fmt_time(char *buf, size_t size, double value, const char *unit)
{
	double in_ns = time_in_ns(unit, strcspn(unit, "/"));

	if (in_ns > 0)
		scaled(buf, size, value * in_ns, 1000, time_names);
	return in_ns > 0;
}

static void fmt_count(char *buf, size_t size, double value, bool is_rate)
{
	static const char *const si[] = { "", "k", "M", "G", "T", NULL };

	if (!is_rate && value == rint(value) && fabs(value) < 1e7)
		snprintf(buf, size, "%.0f", value);
	else
		scaled(buf, size, value, 1000, si);
}

char *fmt_cell(char *buf, size_t size, double value, const char *unit)
{
	static const char *const binary[] = { "B", "K", "M", "G", "T", NULL };

	if (!isfinite(value))
		snprintf(buf, size, "-");
	else if (!strcmp(unit, "bytes"))
		scaled(buf, size, value, 1024, binary);
	else if (!fmt_time(buf, size, value, unit))
		fmt_count(buf, size, value, strstr(unit, "/s"));
	return buf;
}

char *fmt_quantity(char *buf, size_t size, double value, const char *unit)
{
	const char *tail = "";
	char number[40];

	fmt_cell(number, sizeof(number), value, unit);
	if (!isfinite(value))
		snprintf(buf, size, "%s", number);
	else if (!strcmp(unit, "x") || !strcmp(unit, "ratio"))
		snprintf(buf, size, fabs(value) < 10 ? "%.3fx" : "%.4gx", value);
	else if (!strcmp(unit, "pct") || !strcmp(unit, "percent") || !strcmp(unit, "%"))
		snprintf(buf, size, "%s%%", number);
	else if (!strcmp(unit, "bytes"))
		snprintf(buf, size, "%s", number);
	else if (fmt_time(buf, size, value, unit))
		tail = unit + strcspn(unit, "/");
	else
		snprintf(buf, size, "%s %s", number, unit);
	if (*tail)
		snprintf(buf, size, "%s%s", number, tail);
	return buf;
}

/* Samples of @h per cell, spread evenly within each bin's share of cells. */
static void fill_cells(const struct hist *h, double *cells, unsigned int width)
{
	double from = log2(h->min + 1.), span = log2(h->max + 1.) - from;
	unsigned int i, c;

	for (i = 0; i < HIST_NR_BINS; i++) {
		double mid;

		if (!h->bins[i])
			continue;
		mid = hist_bin_low(i) / 2. + (hist_bin_high(i) - 1) / 2.;
		if (mid < h->min)
			mid = h->min;
		if (mid > h->max)
			mid = h->max;
		c = span > 0 ? (log2(mid + 1) - from) / span * width : 0;
		cells[c < width ? c : width - 1] += h->bins[i];
	}
}

char *fmt_spark(char *buf, size_t size, const struct hist *h,
		unsigned int width, bool utf8)
{
	static const char *const ascii[] = {
		" ", ".", ":", "-", "=", "+", "*", "#", "@"
	};
	static const char *const blocks[] = {
		" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
		"\u2586", "\u2587", "\u2588"
	};
	double cells[128] = {}, most = 0;
	unsigned int i, level;
	char *end = buf;

	*buf = 0;
	if (width > 128)
		width = 128;
	if (!h->n || size < 3 * width + 1)
		return buf;
	fill_cells(h, cells, width);
	for (i = 0; i < width; i++)
		most = fmax(most, cells[i]);
	for (i = 0; i < width; i++) {
		level = cells[i] > 0 ?
			1 + 7 * log1p(cells[i]) / log1p(most) : 0;
		end = stpcpy(end, (utf8 ? blocks : ascii)[level > 8 ? 8 : level]);
	}
	return buf;
}

unsigned int fmt_columns(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* Bytes of the longest piece of @word that fits into @room columns. */
static size_t piece(const char *word, size_t len, unsigned int room)
{
	unsigned int columns = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		columns += (word[i] & 0xc0) != 0x80;
		if (columns > room)
			break;
	}
	return i;
}

void fmt_wrap(FILE *out, const char *first, const char *text)
{
	unsigned int indent = fmt_columns(first), column = indent;
	bool start = true;
	size_t len, part;

	fputs(first, out);
	for (text += strspn(text, " \n\t\r"); *text;
	     text += len, text += strspn(text, " \n\t\r")) {
		len = strcspn(text, " \n\t\r");
		if (!start && column + 1 + piece(text, len, FMT_WIDTH) > FMT_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			start = true;
		}
		part = piece(text, len, FMT_WIDTH - column - !start);
		fprintf(out, "%s%.*s", start ? "" : " ", (int)part, text);
		column += !start + part;
		start = false;
		len = part;
		/* The rest of a word too long for a line goes below. */
		if (text[len] && !strchr(" \n\t\r", text[len])) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			start = true;
		}
	}
	fputc('\n', out);
}

char *fmt_shorten(char *buf, size_t size, const char *name, unsigned int width)
{
	size_t len = strlen(name), head = (width - 1) / 2;

	if (len <= width)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%.*s~%s", (int)head, name,
			 name + len - (width - 1 - head));
	return buf;
}
