/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One process for one case: run it to whatever end it comes to, and see to it
 * that there is a record of that.
 *
 * The driver and a scenario program that is run by hand both start
 * "PROGRAM --case NAME --results DIR ... --in-process" through this.  Nothing
 * here needs KVM or prints.  Single-threaded callers only.
 */
#ifndef MMUBENCH_SUPERVISE_H
#define MMUBENCH_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "base/reason.h"
#include "record/verdict.h"

struct supervise {
	char *const *argv;	/* the process; argv[0] is the program's path */
	const char *dir;	/* where it was told to put its records */
	const char *case_name;
	unsigned int timeout_s;
	bool echo;		/* pass on to stderr what it prints */
	/* Optional: called every tick_ms while it runs. */
	void (*tick)(void *arg, uint64_t elapsed_ns);
	void *arg;
	unsigned int tick_ms;
};

struct supervised {
	enum verdict verdict;
	int signal;		/* or this one, sent to us, has ended the case */
	bool has_record;	/* a new one, with this verdict, is in the dir */
	bool told;		/* the process has said the text itself */
	uint64_t elapsed_ns;
	char text[320];		/* why it did not pass */
	char warning[320];	/* settings that could not be put back, or "" */
};

/*
 * Run the case.  A process that passes its time or is interrupted gets SIGTERM
 * and, after a grace, SIGKILL; the host settings of one that did not end by
 * itself are put back.  If a process leaves no record, an obituary is written:
 * a record with the verdict and how the process ended.  Neither a usage error
 * nor an interrupted case leaves a record.
 *
 * Fills *@end and returns 0, or -errno with @why if no process was started.
 */
int supervise_case(const struct supervise *s, struct supervised *end,
		   struct reason *why);

/*
 * In the process, before it measures: leave its "run" line (borrowed) for the
 * obituary that may be needed, and drop it when the record is written.  0 or
 * -errno with @why.
 */
int supervise_leave_word(const char *dir, const char *case_name,
			 const json_t *run, struct reason *why);
void supervise_drop_word(const char *dir, const char *case_name);

#endif
