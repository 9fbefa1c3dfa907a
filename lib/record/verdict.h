/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The endings of a case, of a host and of a program: their names, their exit
 * statuses, and how to combine several.  All functions are pure.
 */
#ifndef MMUBENCH_VERDICT_H
#define MMUBENCH_VERDICT_H

#include "base/reason.h"

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,		/* the kernel or the harness misbehaved */
	VERDICT_SKIP,		/* this host cannot */
	VERDICT_INVALID,	/* it ran, but the numbers cannot be trusted */
	/* Never stored in a record, for nothing was measured. */
	VERDICT_USAGE,		/* the request makes no sense */
};

/* These avoid kselftest's XFAIL 2 and XPASS 3. */
enum exit_code {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,		/* also for INVALID */
	EXIT_SKIP = 4,
	EXIT_USAGE = 64,
	EXIT_SIGNAL = 128,	/* + the signal that interrupted the program */
};

const char *verdict_name(enum verdict v);	/* "pass", "fail", ... */
int verdict_exit_code(enum verdict v);

/* The verdict on a case or a command that ends with a reason of this ending. */
enum verdict verdict_of_ending(enum ending ending);

/* The verdict of a program's exit status; FAIL for one that is not above. */
enum verdict verdict_of_exit(int code);

/* The worse of two: fail, invalid, usage, skip, pass. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/*
 * The verdict of a run from those of two parts: the worse, except that a part
 * that skipped does not count beside one that passed.  Start with VERDICT_SKIP.
 */
enum verdict verdict_both(enum verdict a, enum verdict b);

#endif
