// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts made from the option tables: --help, its Markdown form, and the
 * name a misspelt one was probably meant to be.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "internal.h"

#define HELP_COLUMN	26	/* where the explanations start */
#define HELP_WIDTH	78

/* ---- nearest names ------------------------------------------------------- */

#define NAME_MAX_LEN	96	/* longer names are compared by this much */

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned int opt_distance(const char *a, const char *b)
{
	unsigned int row[3][NAME_MAX_LEN + 1];
	unsigned int *before = row[0], *last = row[1], *now = row[2], *t;
	size_t la = strnlen(a, NAME_MAX_LEN), lb = strnlen(b, NAME_MAX_LEN);
	size_t i, j;

	for (j = 0; j <= lb; j++)
		last[j] = j;
	for (i = 1; i <= la; i++) {
		now[0] = i;
		for (j = 1; j <= lb; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[lb];
}

/*
 * At most this many edits count as a misspelling: two, or a third of the
 * word for long ones.  A fourth or a half would also do.
 */
static unsigned int tolerance(const char *name)
{
	size_t third = strlen(name) / 3;

	return third > 2 ? third : 2;
}

static void nearer(const char *name, const char *candidate, const char **best,
		   unsigned int *best_distance)
{
	unsigned int d = opt_distance(name, candidate);

	if (d >= *best_distance || d >= strlen(candidate))
		return;
	*best = candidate;
	*best_distance = d;
}

const char *opt_nearest(const char *name, const char *const *names)
{
	unsigned int distance = tolerance(name) + 1;
	const char *best = NULL;

	for (; *names; names++)
		nearer(name, *names, &best, &distance);
	return best;
}

int opt_unknown(const struct opt_set *sets, unsigned int nr, const char *name,
		struct reason *why)
{
	unsigned int i, distance = tolerance(name) + 1;
	const char *best = NULL;
	const struct opt *o;

	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++)
			nearer(name, o->name, &best, &distance);
	}
	if (best)
		return reason_usage(why, -EINVAL,
				    "there is no option --%s; did you mean --%s?",
				    name, best);
	return reason_usage(why, -EINVAL, "there is no option --%s, see --help",
			    name);
}

/* ---- help ---------------------------------------------------------------- */

static const char *value_word(const struct opt *o)
{
	if (o->arg)
		return o->arg;
	switch (o->type) {
	case OPT_BYTES:
		return "SIZE";
	case OPT_DOUBLE:
	case OPT_U32:
	case OPT_U64:
	case OPT_INT_AUTO:
		return "N";
	default:
		return o->choices || o->registry ? "NAME" : "TEXT";
	}
}

static void option_words(const struct opt *o, char *buf, size_t size)
{
	char letter[8] = "    ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	if (o->type == OPT_FLAG || o->type == OPT_ALIAS)
		snprintf(buf, size, "  %s--%s", letter, o->name);
	else
		snprintf(buf, size, "  %s--%s=%s", letter, o->name,
			 value_word(o));
}

/* "what it changes (choices or range; default)". */
static void explanation(const struct opt *o, char *buf, size_t size)
{
	char allowed[240] = "", range[56];
	bool number = o->type == OPT_U32 || o->type == OPT_U64 ||
		      o->type == OPT_BYTES || o->type == OPT_DOUBLE;

	if (o->choices || o->registry) {
		opt_list_choices(o, allowed, sizeof(allowed) - 2);
		strncat(allowed, "; ", 3);
	} else if (number && (o->min || o->max)) {
		opt_format_range(o, range, sizeof(range));
		snprintf(allowed, sizeof(allowed), "%s%s%s; ", range,
			 o->unit ? " " : "", o->unit ? o->unit : "");
	} else if (o->unit) {
		snprintf(allowed, sizeof(allowed), "%s; ", o->unit);
	}
	if (o->type == OPT_ALIAS)
		snprintf(buf, size, "%s (same as --%s)", o->help, o->def);
	else if (o->type == OPT_FLAG || !*opt_default(o))
		snprintf(buf, size, "%s%s%.*s%s", o->help,
			 *allowed ? " (" : "",
			 (int)(*allowed ? strlen(allowed) - 2 : 0), allowed,
			 *allowed ? ")" : "");
	else
		snprintf(buf, size, "%s (%sdefault %s)", o->help, allowed,
			 opt_default(o));
}

/* Write @text from column HELP_COLUMN on, broken between words. */
static void print_wrapped(FILE *out, const char *text, size_t column)
{
	const char *end;
	size_t len;

	if (column >= HELP_COLUMN) {
		fputc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", (int)(HELP_COLUMN - column), "");
	column = HELP_COLUMN;
	while (*text) {
		end = strchrnul(text, ' ');
		len = end - text;
		if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text = *end ? end + 1 : end;
	}
	fputc('\n', out);
}

static void help_plain(FILE *out, const struct opt *o)
{
	char words[64], text[640];

	option_words(o, words, sizeof(words));
	fputs(words, out);
	explanation(o, text, sizeof(text));
	print_wrapped(out, text, strlen(words));
}

static void help_markdown(FILE *out, const struct opt *o)
{
	char text[640];

	fputs("| ", out);
	if (o->letter)
		fprintf(out, "`-%c`, ", o->letter);
	explanation(o, text, sizeof(text));
	fprintf(out, "`--%s` | %s |\n", o->name, text);
}

char *opt_help(const struct opt_set *sets, unsigned int nr, bool markdown)
{
	const struct opt *o;
	char *text = NULL;
	unsigned int i;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	if (markdown)
		fputs("| option | what it changes |\n|---|---|\n", out);
	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++) {
			/* An earlier table's option hides a later one's. */
			if (opt_find(sets, nr, o->name) != o)
				continue;
			if (markdown)
				help_markdown(out, o);
			else
				help_plain(out, o);
		}
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
