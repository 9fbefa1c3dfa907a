/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Option tables: one table gives the parser, --help, the Markdown for the
 * documentation, the hint for a misspelt name, and the effective options
 * written into every result.
 *
 * Tables end with an entry without a name.  A program passes several tables
 * (its own and the common one).  Values are parsed from text in one place,
 * defaults included.  Sizes take K, M, G, T (powers of 1024).
 */
#ifndef MMUBENCH_OPT_H
#define MMUBENCH_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "reason.h"

enum opt_type {
	OPT_U32,	/* uint32_t */
	OPT_U64,	/* uint64_t */
	OPT_BYTES,	/* uint64_t, with size suffix */
	OPT_DOUBLE,	/* double */
	OPT_FLAG,	/* bool, no argument on the command line */
	OPT_STRING,	/* const char *, "" by default */
	OPT_CHOICE,	/* int, index into choices */
};

struct opt {
	const char *name;	/* long name without dashes */
	char letter;		/* 0 = none; the letter map is in HACKING.md */
	enum opt_type type;
	size_t offset;		/* of the member in the program's params */
	const char *def;	/* default, as text */
	uint64_t min, max;	/* for numbers; max 0 = no limit */
	const char *const *choices;	/* NULL-terminated, for OPT_CHOICE */
	const char *unit;	/* "ns", "pages", ... for the help */
	const char *help;	/* what it changes in the measurement */
};

#define OPT_END { .name = NULL }

struct opt_set {
	const struct opt *opts;
	void *base;		/* the struct the offsets are relative to */
};

/* Set every option of every set to its default. */
int opt_defaults(const struct opt_set *sets, unsigned int nr,
		 struct reason *why);

/* Set one option by long name from text. -EINVAL with @why. */
int opt_set(const struct opt_set *sets, unsigned int nr, const char *name,
	    const char *value, struct reason *why);

/*
 * Parse argv[1..]; operands are moved to argv[*nr_operands...] order kept:
 * operands[i].  Returns 0, 1 when help was asked for, 2 for --help=md, or
 * -EINVAL with @why.
 */
int opt_parse(const struct opt_set *sets, unsigned int nr, int argc,
	      char **argv, char **operands, int *nr_operands,
	      struct reason *why);

/* Help text, as plain text or a Markdown table, malloc()ed. */
char *opt_help(const struct opt_set *sets, unsigned int nr, bool markdown);

/* The effective options as an object.  New reference. */
json_t *opt_json(const struct opt_set *sets, unsigned int nr);

/* The name in the NULL-terminated list nearest to @name, or NULL. */
const char *opt_nearest(const char *name, const char *const *names);

/* Parse "64M" and the like. 0 or -EINVAL. */
int opt_parse_bytes(const char *text, uint64_t *bytes);

/* "64M", "4K", "1536": the shortest exact form. */
void opt_format_bytes(uint64_t bytes, char *buf, size_t size);

#endif
