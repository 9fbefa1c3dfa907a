// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that the driver passes on to the scenario programs.
 *
 * The driver parses the common options itself, so that a bad one is told
 * once and before anything runs; options of single programs are kept as text
 * and go to the programs that have them, which judge the value.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static bool has_option(const struct program *p, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(p->info, "options"), i, o) {
		if (!strcmp(json_string_value(json_object_get(o, "name")), name))
			return true;
	}
	return false;
}

static void add(struct passopts *po, const json_t *info)
{
	const char *name = json_string_value(json_object_get(info, "name"));
	const char *letter = json_string_value(json_object_get(info, "letter"));
	struct opt *o;
	size_t i;

	for (i = 0; i < po->nr; i++) {
		if (!strcmp(po->opts[i].name, name))
			return;
	}
	o = &po->opts[po->nr];
	o->name = name;
	o->letter = letter[0];
	o->type = json_is_true(json_object_get(info, "flag")) ? OPT_FLAG :
								OPT_STRING;
	o->offset = po->nr * sizeof(po->values[0]);
	o->help = json_string_value(json_object_get(info, "help"));
	po->nr++;
}

void passopts_make(struct passopts *po, const struct scenarios *s)
{
	size_t i, j, max = 0;
	const json_t *o;

	for (i = 0; i < s->nr_programs; i++)
		max += json_array_size(json_object_get(s->programs[i].info,
						       "options"));
	po->nr = 0;
	po->opts = calloc(max + 1, sizeof(*po->opts));
	po->values = calloc(max + 1, sizeof(*po->values));
	for (i = 0; i < s->nr_programs; i++) {
		json_array_foreach(json_object_get(s->programs[i].info,
						   "options"), j, o)
			add(po, o);
	}
}

void passopts_free(struct passopts *po)
{
	free(po->opts);
	free(po->values);
}

int passopts_check(const struct passopts *po, const struct scenarios *s,
		   const bool *chosen, const json_t *given, struct reason *why)
{
	size_t i, j;

	for (i = 0; i < po->nr; i++) {
		if (!json_object_get(given, po->opts[i].name))
			continue;
		for (j = 0; j < s->nr; j++)
			if (chosen[j] && has_option(s->v[j].program,
						    po->opts[i].name))
				break;
		if (j == s->nr)
			return reason_usage(why, -EINVAL,
					    "option --%s: none of the chosen cases has it; choose others, or leave it out",
					    po->opts[i].name);
	}
	return 0;
}

static void add_word(char **words, int *n, int max, const char *name,
		     const char *value)
{
	if (*n < max - 1 && asprintf(&words[*n], "--%s=%s", name, value) >= 0)
		words[++*n] = NULL;
}

static void add_common(const struct opt_set *common, const json_t *given,
		       char **words, int *n, int max)
{
	json_t *all = opt_json(common, 1), *v;
	const char *name;
	char *text;

	json_object_foreach(all, name, v) {
		if (!json_object_get(given, name))
			continue;
		text = json_is_string(v) ? strdup(json_string_value(v)) :
					   json_dumps(v, JSON_ENCODE_ANY);
		add_word(words, n, max, name, text);
		free(text);
	}
	json_decref(all);
}

void passopts_words(const struct passopts *po, const struct program *prog,
		    const struct opt_set *common, const json_t *given,
		    char **words, int *n, int max)
{
	const struct opt *o;
	size_t i;

	add_common(common, given, words, n, max);
	for (i = 0; i < po->nr; i++) {
		o = &po->opts[i];
		if (!json_object_get(given, o->name) ||
		    !has_option(prog, o->name))
			continue;
		if (o->type == OPT_FLAG)
			add_word(words, n, max, o->name,
				 po->values[i].flag ? "yes" : "no");
		else
			add_word(words, n, max, o->name, po->values[i].text);
	}
}
