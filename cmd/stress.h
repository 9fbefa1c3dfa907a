/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmubench stress and what it knows of a finished stress run.  Shared by
 * the files that belong to it.
 */
#ifndef MMUBENCH_CMD_STRESS_H
#define MMUBENCH_CMD_STRESS_H

#include "record/recread.h"
#include "cmd.h"

/* What the record of a stress run tells about running it again. */
struct stressed {
	struct record *rec;
	json_t *options;     /* effective ones, with the mix as it was chosen */
	char judge[64];	     /* what was violated, "died", or "" */
	char text[320];	     /* in the judge's words, or "" */
	double at_s;	     /* when it was, or 0 */
	char schedule[4200]; /* its path, or "" */
	/* The stressors, those that come first into question first. */
	const char *suspects[64];
	unsigned int nr_suspects;
};

/* 0, or -errno with @why, a USAGE if it is no record of a stress run. */
int stressed_read(const char *path, struct stressed *s, struct reason *why);
void stressed_free(struct stressed *s);

/*
 * Append "--name=value" for each of @options to @words from *n on (room for @max,
 * malloc()ed).
 */
void stressed_words(const json_t *options, char **words, int *n, int max);

/*
 * Those of @options that differ from what a run here has anyway: a case may
 * have its own idea of what nobody has given.  New reference.
 */
json_t *reproducer_options(const struct program *p, const json_t *options);

/* The program that has the case, or NULL with a USAGE. */
const struct program *stressed_program(const struct scenarios *sc,
				       const struct stressed *s,
				       struct reason *why);

/*
 * The command that runs the case with @options, as malloc()ed words (room for
 * @max); the first is the path of mmubench.  Returns their number.
 */
int reproducer_words(const struct program *p, const char *case_name,
		     const json_t *options, char **words, int max);

/* ---- shrinking (shrink.c) -------------------------------------------------- */

/*
 * Look for the fewest stressors and the shortest run that violate what the
 * record at @path says, for no longer than @minutes; tell on stdout and
 * in "<case>.reproducer" beside the record, and write a program for it to
 * @reproducer unless that is "".  An exit status: 1 if it was violated again.
 */
int shrink(const char *path, double minutes, const char *reproducer);

#endif
