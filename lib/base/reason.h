/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sentence for the user: what is wrong, why, what to do; and the ending of
 * a case or a command that stops there.
 *
 * Library functions return 0 or -errno and never print.  The place that knows
 * the cause writes it here; the program decides where to show it.  The same
 * place names the ending, and nobody guesses it from the errno later.
 * EOPNOTSUPP from a probe means that this host cannot; EOPNOTSUPP from an ioctl
 * in mid-measurement is a failure.
 */
#ifndef MMUBENCH_REASON_H
#define MMUBENCH_REASON_H

enum ending {
	ENDING_FAIL,	/* a call failed, or nothing else is stated */
	ENDING_SKIP,	/* this host cannot, as a probe has found */
	ENDING_USAGE,	/* an option's value or an operand makes no sense */
	ENDING_INVALID,	/* it ran, but the numbers cannot be trusted */
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
 * The ending is FAIL, or the one in the function's name.
 */
int reason_set(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_skip(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_usage(struct reason *why, int err, const char *fmt, ...) REASON_PRINTF;
int reason_invalid(struct reason *why, int err, const char *fmt, ...)
	REASON_PRINTF;

/*
 * Copy @inner to @why, with "@who: " in front unless @who is NULL.  Errno and
 * ending are kept; returns the errno.  @why may be NULL but must not be @inner.
 */
int reason_pass_on(struct reason *why, const struct reason *inner,
		   const char *who);

/*
 * Turn the ending into SKIP and keep the sentence: what failed was an attempt to
 * find out whether this host can.  Returns @err; @why may be NULL.
 */
int reason_was_probe(struct reason *why, int err);

#endif
