// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line: which words are options, which are their values.
 *
 * Long options are never abbreviated: a script must not change its meaning
 * when an option is added.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "internal.h"

#define HELP_ASKED	1
#define HELP_MARKDOWN	2

struct cmdline {
	const struct opt_set *sets;
	unsigned int nr;
	int argc;
	char **argv;
	int next;	/* index of the next word */
	struct reason *why;
};

static bool takes_no_value(const struct opt *o)
{
	return o->type == OPT_FLAG || o->type == OPT_ALIAS;
}

static void note_given(const struct opt_set *set, const struct opt *o)
{
	char name[32];

	if (!set->given)
		return;
	json_object_set_new(set->given, o->name, json_true());
	if (o->type != OPT_ALIAS)
		return;
	snprintf(name, sizeof(name), "%.*s",
		 (int)strcspn(o->def, "="), o->def);
	json_object_set_new(set->given, name, json_true());
}

/* @value is the text glued to the option, or NULL. */
static int take(struct cmdline *c, const struct opt_set *set,
		const struct opt *o, const char *value)
{
	int err;

	if (!value && takes_no_value(o)) {
		value = "yes";
	} else if (!value) {
		if (c->next >= c->argc)
			return reason_usage(c->why, -EINVAL,
					    "option --%s needs a value, see --help",
					    o->name);
		value = c->argv[c->next++];
	}
	if ((o->type == OPT_STRING || o->type == OPT_LIST) && !*value)
		return reason_usage(c->why, -EINVAL,
				    "option --%s needs a value that is not empty",
				    o->name);
	err = opt_apply(c->sets, c->nr, set, o, value, c->why);
	if (!err)
		note_given(set, o);
	return err;
}

static int parse_long(struct cmdline *c, const char *word)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct opt_set *set;
	const struct opt *o;

	if (!strcmp(word, "help"))
		return HELP_ASKED;
	if (!strcmp(word, "help=md"))
		return HELP_MARKDOWN;
	if (!strncmp(word, "help=", 5))
		return reason_usage(c->why, -EINVAL,
				    "option --help: '%s' is not a kind of help; give --help or --help=md",
				    word + 5);
	o = opt_lookup(c->sets, c->nr, word, len, &set);
	if (!o) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, word);
		return opt_unknown(c->sets, c->nr, name, c->why);
	}
	return take(c, set, o, eq ? eq + 1 : NULL);
}

static const struct opt *find_letter(const struct cmdline *c, char letter,
				     const struct opt_set **set)
{
	const struct opt *o;
	unsigned int i;

	for (i = 0; i < c->nr; i++) {
		for (o = c->sets[i].opts; o && o->name; o++) {
			if (o->letter == letter) {
				*set = &c->sets[i];
				return o;
			}
		}
	}
	return NULL;
}

/* "-v4", or flags and a last option in one word: "-ov4". */
static int parse_short(struct cmdline *c, const char *word)
{
	const struct opt_set *set;
	const struct opt *o;
	int err;

	for (; *word; word++) {
		if (*word == 'h')
			return HELP_ASKED;
		o = find_letter(c, *word, &set);
		if (!o)
			return reason_usage(c->why, -EINVAL,
					    "there is no option -%c, see --help",
					    *word);
		if (!takes_no_value(o))
			return take(c, set, o, word[1] ? word + 1 : NULL);
		err = take(c, set, o, NULL);
		if (err)
			return err;
	}
	return 0;
}

int opt_parse(const struct opt_set *sets, unsigned int nr, int argc,
	      char **argv, char **operands, int *nr_operands,
	      struct reason *why)
{
	struct cmdline c = { sets, nr, argc, argv, 1, why };
	bool only_operands = false;
	char *word;
	int err;

	*nr_operands = 0;
	while (c.next < argc) {
		word = argv[c.next++];
		if (only_operands || word[0] != '-' || !word[1]) {
			operands[(*nr_operands)++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			only_operands = true;
			continue;
		}
		if (word[1] == '-')
			err = parse_long(&c, word + 2);
		else
			err = parse_short(&c, word + 1);
		if (err)
			return err;
	}
	return 0;
}

int opt_parse_known(const struct opt_set *sets, unsigned int nr, int argc,
		    char **argv, char **rest, int *nr_rest, struct reason *why)
{
	struct cmdline c = { sets, nr, argc, argv, 1, why };
	const struct opt_set *set;
	const struct opt *o;
	char *word, *eq;
	int err;

	*nr_rest = 0;
	while (c.next < argc) {
		word = argv[c.next++];
		eq = strchrnul(word, '=');
		o = NULL;
		if (!strncmp(word, "--", 2) && eq > word + 2)
			o = opt_lookup(sets, nr, word + 2, eq - word - 2, &set);
		if (!o) {
			rest[(*nr_rest)++] = word;
			continue;
		}
		err = take(&c, set, o, *eq ? eq + 1 : NULL);
		if (err)
			return err;
	}
	return 0;
}
