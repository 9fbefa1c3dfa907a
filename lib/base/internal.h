/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the option parser share: opt_value.c (one option's text),
 * opt.c (tables), opt_parse.c (command line) and opt_help.c (texts).
 */
#ifndef MMUBENCH_OPT_INTERNAL_H
#define MMUBENCH_OPT_INTERNAL_H

#include "base/opt.h"

/* The option whose name is the first @len characters of @name, and its set. */
const struct opt *opt_lookup(const struct opt_set *sets, unsigned int nr,
			     const char *name, size_t len,
			     const struct opt_set **set);

/* Parse @text into the member of @o in @set; the sets are for aliases. */
int opt_apply(const struct opt_set *sets, unsigned int nr,
	      const struct opt_set *set, const struct opt *o, const char *text,
	      struct reason *why);

/* -EINVAL with a sentence that offers the nearest option. */
int opt_unknown(const struct opt_set *sets, unsigned int nr, const char *name,
		struct reason *why);

/* Parse @text into @m, a member of @o's type, which is no alias. */
int opt_value_set(const struct opt *o, const char *text, void *m,
		  struct reason *why);
int opt_parse_flag(const struct opt *o, const char *text, bool *v,
		   struct reason *why);

/* The value in @m as JSON, NULL for an alias.  New reference. */
json_t *opt_value_json(const struct opt *o, const void *m);

/* Name of choice @i, NULL behind the last; fixed choices come first. */
const char *opt_choice(const struct opt *o, unsigned int i);
void opt_list_choices(const struct opt *o, char *buf, size_t size);
void opt_format_range(const struct opt *o, char *buf, size_t size);

/* The default as text; never NULL. */
const char *opt_default(const struct opt *o);

#endif
