/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sentence for the user: what is wrong, why, what to do.
 *
 * Library functions return 0 or -errno and never print.  The place that knows
 * the cause writes it here; the program decides where to show it.
 */
#ifndef MMUBENCH_REASON_H
#define MMUBENCH_REASON_H

struct reason {
	char text[320];
	int err;	/* the -errno that goes with it, for functions that
			 * return a pointer */
};

/*
 * Format the sentence and return @err unchanged, so that a failing function
 * can end in "return reason_set(why, -ENODEV, ...)".  @why may be NULL.
 */
int reason_set(struct reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
