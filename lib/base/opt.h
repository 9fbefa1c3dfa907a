/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Option tables: one table gives the parser, --help, the Markdown for the
 * documentation, the hint for a misspelt name, and the effective options
 * written into every result.
 *
 * Tables end with an entry without a name.  A program passes several tables
 * (its own and the common one).  Values are parsed from text in one place,
 * defaults included.  Sizes take K, M, G, T (powers of 1024); integers take
 * 0x.  The text of a value in the JSON record, given back to the parser,
 * makes the same value.
 */
#ifndef MMUBENCH_OPT_H
#define MMUBENCH_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/reason.h"

enum opt_type {
	OPT_U32,	/* uint32_t */
	OPT_U64,	/* uint64_t, at most 2^63 - 1 (JSON) */
	OPT_INT_AUTO,	/* int >= 0, or "auto" = -1 */
	OPT_BYTES,	/* uint64_t, with size suffix */
	OPT_DOUBLE,	/* double */
	OPT_FLAG,	/* bool, no argument on the command line */
	OPT_STRING,	/* const char *, "" by default; one of choices and
			 * registry when they are given */
	OPT_CHOICE,	/* int, index into choices, or else into registry */
	OPT_LIST,	/* struct opt_list: every text that is given, in order */
	OPT_ALIAS,	/* no member: a flag that stands for def, "name=value" */
};

struct opt {
	const char *name;	/* long name without dashes */
	char letter;		/* 0 = none; the letter map is in HACKING.md */
	enum opt_type type;
	size_t offset;		/* of the member in the program's params */
	const char *def;	/* default, as text */
	uint64_t min, max;	/* for numbers; max 0 = no limit */
	const char *const *choices;	/* NULL-terminated names */
	const void *registry;	/* more choices: a family's members, see registry.h */
	const char *unit;	/* "ns", "pages", ... for the help */
	const char *arg;	/* "FILE", ... for the help; NULL: by type */
	const char *help;	/* what it changes in the measurement */
};

#define OPT_END { .name = NULL }

/* Chosen: far above what anybody types; 16 would also do. */
#define OPT_LIST_MAX	32

struct opt_list {
	const char *v[OPT_LIST_MAX];
	unsigned int nr;
};

struct opt_set {
	const struct opt *opts;
	void *base;		/* the struct the offsets are relative to */
	json_t *given;		/* optional: opt_parse() adds the names it saw */
};

/* Set every option of every set to its default. */
int opt_defaults(const struct opt_set *sets, unsigned int nr,
		 struct reason *why);

/* Set one option by long name from text. -EINVAL with @why. */
int opt_set(const struct opt_set *sets, unsigned int nr, const char *name,
	    const char *value, struct reason *why);

/*
 * Parse argv[1..argc): --name=value, --name value, -xvalue, -x value, --flag,
 * --flag=no, "--" ends the options.  String values point into argv.
 * @operands (room for argc pointers, may be argv itself) receives what is no
 * option, in order.  Returns 0, 1 when help was asked for, 2 for --help=md,
 * or -EINVAL with @why.
 */
int opt_parse(const struct opt_set *sets, unsigned int nr, int argc,
	      char **argv, char **operands, int *nr_operands,
	      struct reason *why);

/*
 * Take the options that the sets know, by their long names, out of
 * argv[1..argc), which may also hold those of somebody else's parser.  @rest
 * (room for argc pointers, may be argv itself) receives all other words, in
 * order.  0 or -EINVAL with @why.
 */
int opt_parse_known(const struct opt_set *sets, unsigned int nr, int argc,
		    char **argv, char **rest, int *nr_rest, struct reason *why);

/* Help text, as plain text or a Markdown table, malloc()ed. */
char *opt_help(const struct opt_set *sets, unsigned int nr, bool markdown);

/* The effective options as an object.  New reference. */
json_t *opt_json(const struct opt_set *sets, unsigned int nr);

/* The option called @name in the sets, or NULL. */
const struct opt *opt_find(const struct opt_set *sets, unsigned int nr,
			   const char *name);

/* Parse "64M" and the like. 0 or -EINVAL. */
int opt_parse_bytes(const char *text, uint64_t *bytes);

/* "64M", "4K", "1536": the shortest exact form. */
void opt_format_bytes(uint64_t bytes, char *buf, size_t size);

#endif
