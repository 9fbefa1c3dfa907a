/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run a program as a child that may fail in any way: exit, crash, hang, be
 * interrupted.  The child has a process group of its own and never outlives
 * its parent.  The end of its output is kept, or all of it goes to out_fd.
 */
#ifndef MMUBENCH_LAUNCH_H
#define MMUBENCH_LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

#define LAUNCH_TAIL 4096	/* bytes of output that are kept */

struct launch {
	char *const *argv;	/* argv[0] is the path of the program */
	unsigned int timeout_s;	/* 0 = none */
	bool echo;		/* copy the output to stderr */
	/*
	 * 0: the end of the output is kept, see launch_end.  Otherwise standard
	 * output goes to this descriptor, and standard error to this process's.
	 */
	int out_fd;
	/* Optional; called every tick_ms while the child runs. */
	void (*tick)(void *arg, uint64_t elapsed_ns);
	void *arg;
	unsigned int tick_ms;
};

enum launch_how {
	LAUNCH_EXITED,		/* code is the exit status */
	LAUNCH_KILLED,		/* code is the signal that ended it */
	LAUNCH_TIMED_OUT,	/* it was ended after timeout_s */
	LAUNCH_INTERRUPTED,	/* this process received signal code */
};

struct launch_end {
	enum launch_how how;
	int code;
	uint64_t elapsed_ns;
	char tail[LAUNCH_TAIL + 1];	/* the last output */
};

/*
 * Run the child to its end.  SIGINT, SIGTERM, SIGHUP or SIGQUIT to this process
 * ends the child and is reported, not delivered: the child gets SIGTERM, so
 * that it can clean up, and SIGKILL 5 s later.  Whatever it leaves in its
 * process group is killed.  0, or -errno with @why if the child could not be
 * started.  Single-threaded callers only.
 */
int launch_run(const struct launch *l, struct launch_end *end,
	       struct reason *why);

/*
 * Block the signals that launch_run() watches, so that one that arrives between
 * two children ends the next one at once.  @old receives the previous mask.
 */
void launch_hold_signals(sigset_t *old);

/* Does @tail contain a failed assertion of the selftests library? */
bool launch_asserted(const char *tail);

/*
 * Extract from @tail, as one line, what explains the end best: a failed
 * assertion of the selftests library, else the last lines.
 */
void launch_quote(const char *tail, char *buf, size_t size);

/* Describe the end: "was killed by signal 11 (Segmentation fault)". */
void launch_describe(const struct launch_end *end, char *buf, size_t size);

#endif
