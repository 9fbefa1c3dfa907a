// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which command line runs a case once more with these options?
 *
 * Only options that differ from what a run here has anyway are named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress.h"

static bool is_default(const struct program *p, const json_t *common,
		       const char *name, const json_t *value)
{
	const json_t *own = json_object_get(p->info, "options"), *o;
	const char *def;
	char *text;
	bool same;
	size_t i;

	if (json_object_get(common, name))
		return json_equal((json_t *)value,
				  json_object_get(common, name));
	text = json_is_string(value) ? strdup(json_string_value(value))
				     : json_dumps(value, JSON_ENCODE_ANY);
	same = false;
	json_array_foreach(own, i, o)
	{
		def = json_string_value(json_object_get(o, "def"));
		if (!strcmp(json_string_value(json_object_get(o, "name")),
			    name))
			same = text && def && !strcmp(text, def);
	}
	free(text);
	return same;
}

json_t *reproducer_options(const struct program *prog, const json_t *options)
{
	struct params p = { 0 };
	const struct opt_set set = { params_opts, &p, NULL };
	json_t *common, *given = json_object(), *value;
	struct reason why;
	const char *name;

	opt_defaults(&set, 1, &why);
	params_apply_profile(&p, NULL);
	common = opt_json(&set, 1);
	json_object_foreach((json_t *)options, name,
			    value) if (!is_default(prog, common, name, value))
		json_object_set(given, name, value);
	json_object_del(given, "timeout");
	json_decref(common);
	return given;
}

int reproducer_words(const struct program *p, const char *case_name,
		     const json_t *options, char **words, int max)
{
	json_t *given = reproducer_options(p, options);
	int n = 0;

	if (asprintf(&words[n], "%s/mmubench", cmd_bin_dir()) >= 0)
		n++;
	words[n++] = strdup("run");
	/* Its name alone may be the beginning of others. */
	if (asprintf(&words[n], "--only=%s", case_name) >= 0)
		n++;
	stressed_words(given, words, &n, max);
	json_decref(given);
	return n;
}
