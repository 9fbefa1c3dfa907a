// SPDX-License-Identifier: GPL-2.0-only
/*
 * Option tables: which option is meant, and what are all of them set to?
 *
 * All values, defaults included, go through opt_apply(), so that a default
 * cannot have a form the user could not type.  Limits that span several
 * options are not known here, see params_check().
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/opt.h"
#include "internal.h"

static void *member(const struct opt_set *set, const struct opt *o)
{
	return (char *)set->base + o->offset;
}

const struct opt *opt_lookup(const struct opt_set *sets, unsigned int nr,
			     const char *name, size_t len,
			     const struct opt_set **set)
{
	const struct opt *o;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++) {
			if (strncmp(o->name, name, len) || o->name[len])
				continue;
			if (set)
				*set = &sets[i];
			return o;
		}
	}
	return NULL;
}

const struct opt *opt_find(const struct opt_set *sets, unsigned int nr,
			   const char *name)
{
	return opt_lookup(sets, nr, name, strlen(name), NULL);
}

int opt_unknown(const struct opt_set *sets, unsigned int nr, const char *name,
		struct reason *why)
{
	const struct opt *o;
	struct nearest n;
	unsigned int i;

	nearest_begin(&n, name);
	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++)
			nearest_try(&n, o->name);
	}
	if (n.name)
		return reason_usage(why, -EINVAL,
				    "there is no option --%s; did you mean --%s?",
				    name, n.name);
	return reason_usage(why, -EINVAL, "there is no option --%s, see --help",
			    name);
}

/* ---- setting ------------------------------------------------------------ */

static int set_alias(const struct opt_set *sets, unsigned int nr,
		     const struct opt *o, const char *text, struct reason *why)
{
	const char *eq = strchr(o->def, '=');
	char name[32];
	bool on = false;
	int err;

	err = opt_parse_flag(o, text, &on, why);
	if (err || !on)
		return err;
	snprintf(name, sizeof(name), "%.*s", (int)(eq - o->def), o->def);
	return opt_set(sets, nr, name, eq + 1, why);
}

int opt_apply(const struct opt_set *sets, unsigned int nr,
	      const struct opt_set *set, const struct opt *o, const char *text,
	      struct reason *why)
{
	if (o->type == OPT_ALIAS)
		return set_alias(sets, nr, o, text, why);
	return opt_value_set(o, text, member(set, o), why);
}

int opt_set(const struct opt_set *sets, unsigned int nr, const char *name,
	    const char *value, struct reason *why)
{
	const struct opt_set *set;
	const struct opt *o;

	o = opt_lookup(sets, nr, name, strlen(name), &set);
	if (!o)
		return opt_unknown(sets, nr, name, why);
	return opt_apply(sets, nr, set, o, value, why);
}

int opt_defaults(const struct opt_set *sets, unsigned int nr,
		 struct reason *why)
{
	const struct opt *o;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++) {
			if (o->type == OPT_ALIAS)
				continue;
			err = opt_apply(sets, nr, &sets[i], o, opt_default(o),
					why);
			if (err)
				return err;
		}
	}
	return 0;
}

/* ---- the effective record ----------------------------------------------- */

json_t *opt_json(const struct opt_set *sets, unsigned int nr)
{
	json_t *all = json_object(), *v;
	const struct opt *o;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		for (o = sets[i].opts; o && o->name; o++) {
			v = opt_value_json(o, member(&sets[i], o));
			if (v)
				json_object_set_new(all, o->name, v);
		}
	}
	return all;
}
