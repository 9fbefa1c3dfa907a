/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run one case as one process, to whatever end, and make sure that a record of
 * the end exists.
 *
 * Both the driver and a scenario program that is run by hand use this to start
 * "PROGRAM --case NAME --results DIR ... --in-process".  It needs no KVM and
 * prints nothing.  Single-threaded callers only.
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
	const char *dir;	/* where argv tells it to put its record */
	const char *case_name;
	unsigned int timeout_s;
	bool echo;		/* copy its output to stderr */
	/* Optional; called every tick_ms while it runs. */
	void (*tick)(void *arg, uint64_t elapsed_ns);
	void *arg;
	unsigned int tick_ms;
};

struct supervised {
	enum verdict verdict;
	int signal;		/* if not 0: sent to this process, ended the case */
	bool has_record;	/* the directory has a new record, with this verdict */
	bool told;		/* the process has already printed the text */
	uint64_t elapsed_ns;
	char text[320];		/* why it did not pass */
	char warning[320];	/* settings that could not be restored, or "" */
};

/*
 * Run the case.  If the process exceeds its time or is interrupted, it gets
 * SIGTERM and, after a grace period, SIGKILL.  If it did not end by itself, its
 * host settings are restored.  If it leaves no record, an obituary is written: a
 * record with the verdict and how the process ended.  A usage error and an
 * interrupted case leave no record.
 *
 * Fills *@end and returns 0, or -errno with @why if no process was started.
 */
int supervise_case(const struct supervise *s, struct supervised *end,
		   struct reason *why);

/*
 * For the process: before it measures, leave its "run" line (borrowed) for an
 * obituary that may be needed; drop it once the record is written.  0, or -errno
 * with @why.
 */
int supervise_leave_word(const char *dir, const char *case_name,
			 const json_t *run, struct reason *why);
void supervise_drop_word(const char *dir, const char *case_name);

#endif
