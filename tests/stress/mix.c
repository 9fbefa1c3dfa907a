// SPDX-License-Identifier: GPL-2.0-only
/*
 * What share of the steps does the text of --mix give a stressor?
 *
 * Words count from left to right, so the last one that fits a stressor says
 * its weight.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"

#define MAX_WEIGHT 1000

/* Does @word name @name, as NAME or NAME=WEIGHT? */
static bool names(const char *word, const char *name)
{
	size_t len = strcspn(word, "=");

	return strlen(name) == len && !strncmp(word, name, len);
}

/* What NAME=WEIGHT says, @usual for NAME alone, -1: no weight. */
static int weight_of(const char *word, int usual)
{
	const char *text = strchr(word, '=');
	unsigned long weight;
	char *end;

	if (!text)
		return usual;
	weight = strtoul(++text, &end, 10);
	return *text < '0' || *text > '9' || *end || weight > MAX_WEIGHT ? -1 :
	       (int)weight;
}

static int check_word(const char *word, struct reason *why)
{
	const char *name = *word == '-' ? word + 1 : word;
	unsigned int i;

	if (!strcmp(word, "all") || !strcmp(word, "none"))
		return 0;
	for (i = 0; stressor_members[i]; i++)
		if (names(name, stressor_members[i]->name))
			break;
	if (!stressor_members[i])
		return reason_usage(why, -EINVAL,
				    "option --mix: there is no stressor '%s'; give all, none, NAME, NAME=WEIGHT or -NAME",
				    name);
	if (weight_of(word, 0) < 0)
		return reason_usage(why, -EINVAL,
				    "option --mix: the weight in '%s' is not a number up to %d",
				    word, MAX_WEIGHT);
	return 0;
}

int mix_weight(const char *mix, const struct stressor_ops *ops, bool *named,
	       struct reason *why)
{
	char words[MIX_BYTES], *word, *at;
	int weight = 0, err;

	*named = false;
	if (strlen(mix) >= sizeof(words))
		return reason_usage(why, -EINVAL, "option --mix: it is longer than %u characters",
				    MIX_BYTES - 1);
	snprintf(words, sizeof(words), "%s", mix);
	for (word = words; word; word = at) {
		at = strchr(word, ',');
		if (at)
			*at++ = '\0';
		err = check_word(word, why);
		if (err)
			return err;
		if (!strcmp(word, "all"))
			weight = ops->weight;
		else if (!strcmp(word, "none"))
			weight = 0;
		else if (*word == '-' && names(word + 1, ops->name))
			weight = 0;
		else if (names(word, ops->name))
			weight = weight_of(word, ops->weight);
		*named = *named || names(word, ops->name);
	}
	return weight;
}
