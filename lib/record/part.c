// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a line: texts, numbers and histograms as JSON.
 *
 * JSON knows neither all bytes nor all numbers: what it lacks is replaced
 * here, in one way for all lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

json_t *part_text(const char *text)
{
	json_t *j = json_string(text);
	char *copy, *c;

	if (j)
		return j;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

json_t *part_real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *part_u64(uint64_t value)
{
	return value > INT64_MAX ? json_real(value) : json_integer(value);
}

void part_set(json_t **to, const char *key, json_t *value)
{
	if (!*to) {
		json_decref(value);
	} else if (json_object_set_new(*to, key, value)) {
		json_decref(*to);
		*to = NULL;
	}
}

void part_push(json_t **to, json_t *value)
{
	if (!*to) {
		json_decref(value);
	} else if (json_array_append_new(*to, value)) {
		json_decref(*to);
		*to = NULL;
	}
}

static json_t *bins_json(const struct hist *h)
{
	json_t *bins = json_array();
	unsigned int i;

	for (i = 0; i < HIST_NR_BINS; i++)
		if (h->bins[i])
			part_push(&bins, json_pack("[i,o]", (int)i,
						   part_u64(h->bins[i])));
	return bins;
}

static void add_quantiles(json_t **line, const struct hist *h, double scale)
{
	static const struct {
		const char *name;
		double fraction;
	} wanted[] = {
		{ "p50", .5 }, { "p90", .9 }, { "p99", .99 },
		{ "p999", .999 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		part_set(line, wanted[i].name,
			 part_real(hist_quantile(h, wanted[i].fraction) * scale));
	part_set(line, "mean", part_real(hist_mean(h) * scale));
}

void part_hist(json_t **line, const struct hist *h, double scale)
{
	part_set(line, "min", part_u64(h->min));
	part_set(line, "max", part_u64(h->max));
	part_set(line, "sum", part_u64(h->sum));
	add_quantiles(line, h, scale);
	part_set(line, "lg2_sub", json_integer(HIST_LG2_SUB));
	part_set(line, "bins", bins_json(h));
}
