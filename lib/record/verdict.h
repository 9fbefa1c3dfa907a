/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The endings of a case, of a host and of a program: their names, their exit
 * statuses, and what several of them come to.  Everything here is pure.
 */
#ifndef MMUBENCH_VERDICT_H
#define MMUBENCH_VERDICT_H

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,		/* the kernel or the harness did wrong */
	VERDICT_SKIP,		/* this host cannot */
	VERDICT_INVALID,	/* it ran, but the numbers cannot be trusted */
	/* The last that a record stores is above: this one measures nothing. */
	VERDICT_USAGE,		/* the caller asked for what makes no sense */
};

/* Clear of kselftest's XFAIL 2 and XPASS 3. */
enum exit_code {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,		/* also for INVALID */
	EXIT_SKIP = 4,
	EXIT_USAGE = 64,
	EXIT_SIGNAL = 128,	/* + the signal that interrupted the program */
};

const char *verdict_name(enum verdict v);	/* "pass", "fail", ... */
int verdict_exit_code(enum verdict v);

/* What a program that ended with @code says; FAIL for any other status. */
enum verdict verdict_of_exit(int code);

/* The worse of two: fail, invalid, usage, skip, pass. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/*
 * What two parts of one run come to: the worse, but a part that skipped
 * does not count beside one that passed.  Begin with VERDICT_SKIP.
 */
enum verdict verdict_both(enum verdict a, enum verdict b);

#endif
