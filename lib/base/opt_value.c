// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the text of one option mean, and is it allowed?
 *
 * Numbers, sizes, names and flags from text, and back to JSON.  Knows one
 * option at a time: not its set, and no limit that spans several.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/opt.h"
#include "base/registry.h"
#include "internal.h"

/* ---- numbers ------------------------------------------------------------ */

/* A whole number, decimal or 0x; *end is the first character behind it. */
static int parse_u64(const char *text, uint64_t *value, const char **end)
{
	char *stop;
	int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		base = 16;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &stop, base);
	if (errno || stop == text || *value > INT64_MAX)
		return errno == ERANGE || *value > INT64_MAX ? -ERANGE : -EINVAL;
	*end = stop;
	return 0;
}

static int suffix_shift(const char *suffix)
{
	static const char letters[] = "KMGT";
	const char *p;

	if (!suffix[0])
		return 0;
	p = strchr(letters, suffix[0] & ~0x20);
	if (!p || !*p)
		return -EINVAL;
	suffix++;
	if (!strcmp(suffix, "iB") || !strcmp(suffix, "B") ||
	    !strcmp(suffix, "b"))
		suffix += strlen(suffix);
	return *suffix ? -EINVAL : (int)(p - letters + 1) * 10;
}

int opt_parse_bytes(const char *text, uint64_t *bytes)
{
	const char *end;
	uint64_t value;
	int err, shift;

	err = parse_u64(text, &value, &end);
	if (err)
		return err;
	shift = suffix_shift(end);
	if (shift < 0)
		return shift;
	if (value > (uint64_t)INT64_MAX >> shift)
		return -ERANGE;
	*bytes = value << shift;
	return 0;
}

void opt_format_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char letters[] = "KMGT";
	int i = -1;

	while (i < 3 && bytes && !(bytes & 1023)) {
		bytes >>= 10;
		i++;
	}
	if (i < 0)
		snprintf(buf, size, "%" PRIu64, bytes);
	else
		snprintf(buf, size, "%" PRIu64 "%c", bytes, letters[i]);
}

static void format_limit(const struct opt *o, uint64_t v, char *buf,
			 size_t size)
{
	if (o->type == OPT_BYTES)
		opt_format_bytes(v, buf, size);
	else
		snprintf(buf, size, "%" PRIu64, v);
}

void opt_format_range(const struct opt *o, char *buf, size_t size)
{
	char lo[24], hi[24];

	format_limit(o, o->min, lo, sizeof(lo));
	format_limit(o, o->max, hi, sizeof(hi));
	if (o->max)
		snprintf(buf, size, "%s to %s", lo, hi);
	else
		snprintf(buf, size, "%s or more", lo);
}

static uint64_t opt_limit(const struct opt *o)
{
	if (o->max)
		return o->max;
	if (o->type == OPT_U32)
		return UINT32_MAX;
	return o->type == OPT_INT_AUTO ? INT32_MAX : INT64_MAX;
}

static int out_of_range(const struct opt *o, const char *text, bool too_large,
			struct reason *why)
{
	struct opt limited = *o;
	char range[56];

	if (too_large && o->type != OPT_DOUBLE)
		limited.max = opt_limit(o);
	opt_format_range(&limited, range, sizeof(range));
	return reason_usage(why, -EINVAL,
			    "option --%s: '%s' is out of range; give %s", o->name,
			    text, range);
}

static int parse_number(const struct opt *o, const char *text, uint64_t *v,
			struct reason *why)
{
	const char *end = "";
	int err;

	if (o->type == OPT_BYTES)
		err = opt_parse_bytes(text, v);
	else
		err = parse_u64(text, v, &end);
	if (!err && *end)
		err = -EINVAL;
	if (err == -EINVAL)
		return reason_usage(why, -EINVAL,
				    "option --%s: '%s' is not a %s", o->name, text,
				    o->type == OPT_BYTES ?
				    "size such as 64M or 4096" : "whole number");
	if (err || *v < o->min || *v > opt_limit(o))
		return out_of_range(o, text, err || *v > opt_limit(o), why);
	return 0;
}

static int parse_double(const struct opt *o, const char *text, double *v,
			struct reason *why)
{
	char *end;

	errno = 0;
	*v = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(*v))
		return reason_usage(why, -EINVAL,
				    "option --%s: '%s' is not a number", o->name,
				    text);
	if (*v < o->min || (o->max && *v > o->max))
		return out_of_range(o, text, false, why);
	return 0;
}

/* ---- names -------------------------------------------------------------- */

static unsigned int nr_fixed(const struct opt *o)
{
	unsigned int n = 0;

	while (o->choices && o->choices[n])
		n++;
	return n;
}

const char *opt_choice(const struct opt *o, unsigned int i)
{
	const struct registry_head *member;
	unsigned int fixed = nr_fixed(o);

	if (i < fixed)
		return o->choices[i];
	member = o->registry ? registry_at(o->registry, i - fixed) : NULL;
	return member ? member->name : NULL;
}

void opt_list_choices(const struct opt *o, char *buf, size_t size)
{
	const char *name;
	unsigned int i;
	size_t len = 0;

	buf[0] = '\0';
	for (i = 0; (name = opt_choice(o, i)) && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s", i ? ", " : "",
				name);
}

static int parse_choice(const struct opt *o, const char *text, int *v,
			struct reason *why)
{
	struct nearest near;
	const char *name;
	char list[200];
	unsigned int i;

	nearest_begin(&near, text);
	for (i = 0; (name = opt_choice(o, i)); i++) {
		if (!strcmp(name, text)) {
			*v = i;
			return 0;
		}
		nearest_try(&near, name);
	}
	opt_list_choices(o, list, sizeof(list));
	return reason_usage(why, -EINVAL,
			    "option --%s: '%s' is not one of %s%s%s%s", o->name,
			    text, list, near.name ? "; did you mean '" : "",
			    near.name ? near.name : "", near.name ? "'?" : "");
}

int opt_parse_flag(const struct opt *o, const char *text, bool *v,
		   struct reason *why)
{
	static const char *const words[] = {
		"no", "yes", "false", "true", "0", "1", "off", "on",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(text, words[i])) {
			*v = i & 1;
			return 0;
		}
	}
	return reason_usage(why, -EINVAL,
			    "option --%s: '%s' is neither yes nor no", o->name,
			    text);
}

/* ---- one value ---------------------------------------------------------- */

const char *opt_default(const struct opt *o)
{
	if (o->def)
		return o->def;
	if (o->type == OPT_STRING || o->type == OPT_LIST)
		return "";
	return o->type == OPT_FLAG ? "no" : "0";
}

static int set_int_auto(const struct opt *o, const char *text, int *v,
			struct reason *why)
{
	uint64_t u = 0;
	int err;

	if (!strcmp(text, "auto") || !strcmp(text, "-1")) {
		*v = -1;
		return 0;
	}
	err = parse_number(o, text, &u, why);
	if (!err)
		*v = u;
	return err;
}

static int set_string(const struct opt *o, const char *text,
		      const char **value, struct reason *why)
{
	int index, err = 0;

	if (o->choices || o->registry)
		err = parse_choice(o, text, &index, why);
	if (!err)
		*value = text;
	return err;
}

static int set_number(const struct opt *o, const char *text, void *value,
		      struct reason *why)
{
	uint64_t u = 0;
	int err = parse_number(o, text, &u, why);

	if (err)
		return err;
	if (o->type == OPT_U32)
		*(uint32_t *)value = u;
	else
		*(uint64_t *)value = u;
	return 0;
}

/* The default, "", empties it. */
static int set_list(const struct opt *o, const char *text,
		    struct opt_list *list, struct reason *why)
{
	if (!*text) {
		list->nr = 0;
		return 0;
	}
	if (list->nr == OPT_LIST_MAX)
		return reason_usage(why, -EINVAL,
				    "option --%s is given more than %d times",
				    o->name, OPT_LIST_MAX);
	list->v[list->nr++] = text;
	return 0;
}

int opt_value_set(const struct opt *o, const char *text, void *m,
		  struct reason *why)
{
	switch (o->type) {
	case OPT_INT_AUTO:
		return set_int_auto(o, text, m, why);
	case OPT_DOUBLE:
		return parse_double(o, text, m, why);
	case OPT_FLAG:
		return opt_parse_flag(o, text, m, why);
	case OPT_STRING:
		return set_string(o, text, m, why);
	case OPT_CHOICE:
		return parse_choice(o, text, m, why);
	case OPT_LIST:
		return set_list(o, text, m, why);
	default:
		return set_number(o, text, m, why);
	}
}

static json_t *list_json(const struct opt_list *list)
{
	json_t *all = json_array();
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		json_array_append_new(all, json_string(list->v[i]));
	return all;
}

json_t *opt_value_json(const struct opt *o, const void *m)
{
	int i;

	switch (o->type) {
	case OPT_U32:
		return json_integer(*(const uint32_t *)m);
	case OPT_U64:
	case OPT_BYTES:
		return json_integer(*(const uint64_t *)m);
	case OPT_INT_AUTO:
		i = *(const int *)m;
		return i < 0 ? json_string("auto") : json_integer(i);
	case OPT_DOUBLE:
		return json_real(*(const double *)m);
	case OPT_FLAG:
		return json_boolean(*(const bool *)m);
	case OPT_STRING:
		return json_string(*(const char *const *)m);
	case OPT_LIST:
		return list_json(m);
	case OPT_CHOICE:
		return json_string(opt_choice(o, *(const int *)m));
	default:
		return NULL;
	}
}
