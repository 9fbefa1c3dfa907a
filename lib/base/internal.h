/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the option parser: opt_value.c (the text of one
 * option), opt.c (tables), opt_parse.c (command line), opt_help.c (help texts).
 */
#ifndef MMUBENCH_OPT_INTERNAL_H
#define MMUBENCH_OPT_INTERNAL_H

#include "base/opt.h"

/* Find the option called by the first @len characters of @name, and its set. */
const struct opt *opt_lookup(const struct opt_set *sets, unsigned int nr,
			     const char *name, size_t len,
			     const struct opt_set **set);

/* Parse @text into the member of @o in @set.  Aliases may refer to all sets. */
int opt_apply(const struct opt_set *sets, unsigned int nr,
	      const struct opt_set *set, const struct opt *o, const char *text,
	      struct reason *why);

/* Returns -EINVAL, with a sentence that offers the nearest option. */
int opt_unknown(const struct opt_set *sets, unsigned int nr, const char *name,
		struct reason *why);

/* Parse @text into @m, a member of @o's type; @o must not be an alias. */
int opt_value_set(const struct opt *o, const char *text, void *m,
		  struct reason *why);
int opt_parse_flag(const struct opt *o, const char *text, bool *v,
		   struct reason *why);

/* The value in @m as JSON, NULL for an alias.  New reference. */
json_t *opt_value_json(const struct opt *o, const void *m);

/* Name of choice @i, or NULL past the last.  Fixed choices come first. */
const char *opt_choice(const struct opt *o, unsigned int i);
void opt_list_choices(const struct opt *o, char *buf, size_t size);
void opt_format_range(const struct opt *o, char *buf, size_t size);

/* The default as text; never NULL. */
const char *opt_default(const struct opt *o);

#endif
