// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts made from the option tables: --help and its Markdown form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "internal.h"

#define HELP_COLUMN	26	/* where the explanations start */
#define HELP_WIDTH	78

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
