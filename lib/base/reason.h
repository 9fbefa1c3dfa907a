/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sentence for the user: what is wrong, why, what to do; and what a case
 * or a command that ends with it has come to.
 *
 * Library functions return 0 or -errno and never print.  The place that knows
 * the cause writes it here; the program decides where to show it.  The same
 * place says which ending it is, and nobody guesses that from the errno later:
 * EOPNOTSUPP of a probe means that this host cannot, EOPNOTSUPP of an ioctl in
 * mid-measurement is a failure.
 */
#ifndef MMUBENCH_REASON_H
#define MMUBENCH_REASON_H

enum ending {
	ENDING_FAIL,	/* whatever nobody has judged, and calls that failed */
	ENDING_SKIP,	/* this host cannot; known from a probe */
	ENDING_USAGE,	/* an option's value or an operand makes no sense */
	ENDING_INVALID,	/* it worked, but the numbers cannot be trusted */
};

struct reason {
	char text[320];
	int err;	/* the -errno that goes with it, for functions that
			 * return a pointer */
	enum ending ending;
};

#define REASON_PRINTF __attribute__((format(printf, 3, 4)))

/*
 * Format the sentence and return @err unchanged, so that a failing function
 * can end in "return reason_set(why, -ENODEV, ...)".  @why may be NULL.
 * The ending is FAIL, or the one that the name says.
 */
int reason_set(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_skip(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_usage(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_invalid(struct reason *why, int err, const char *fmt, ...)
	REASON_PRINTF;

/*
 * Pass on what @inner says, behind "@who: " unless @who is NULL; its errno,
 * which is returned, and its ending stay.  @why may be NULL and is not @inner.
 */
int reason_pass_on(struct reason *why, const struct reason *inner,
		   const char *who);

/*
 * What failed was an attempt to find out whether this host can: the sentence
 * stays, the ending is SKIP.  Returns @err; @why may be NULL.
 */
int reason_was_probe(struct reason *why, int err);

#endif
