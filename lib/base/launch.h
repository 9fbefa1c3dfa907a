/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run a program as a child that may fail in any way: exit, crash, hang, be
 * interrupted.  The child gets a process group of its own, the end of its
 * output is kept or all of it goes where it is wanted, and it never outlives
 * its parent.
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
	bool echo;		/* pass the output on to stderr */
	/*
	 * 0: the output is kept, see launch_end.  Else standard output goes
	 * to this descriptor and the errors to where this process's go.
	 */
	int out_fd;
	/* Optional: called every tick_ms while the child runs. */
	void (*tick)(void *arg, uint64_t elapsed_ns);
	void *arg;
	unsigned int tick_ms;
};

enum launch_how {
	LAUNCH_EXITED,		/* code is the exit status */
	LAUNCH_KILLED,		/* code is the signal that ended it */
	LAUNCH_TIMED_OUT,	/* it was ended after timeout_s */
	LAUNCH_INTERRUPTED,	/* this process got the signal in code */
};

struct launch_end {
	enum launch_how how;
	int code;
	uint64_t elapsed_ns;
	char tail[LAUNCH_TAIL + 1];	/* the last output */
};

/*
 * Run it to its end.  SIGINT, SIGTERM, SIGHUP and SIGQUIT that arrive while
 * it runs end the child (SIGTERM first, so that it can clean up, SIGKILL
 * after a grace of 5 s) and are reported, not delivered.  Whatever the child
 * left in its process group is killed.  0, or -errno with @why when it could
 * not be started.  Single-threaded callers only.
 */
int launch_run(const struct launch *l, struct launch_end *end,
	       struct reason *why);

/*
 * Hold back the signals that launch_run() watches, so that one that arrives
 * between two children ends the next one at once; @old is for sigprocmask().
 */
void launch_hold_signals(sigset_t *old);

/*
 * What of @tail explains the end best, as one line: a failed assertion of
 * the selftests library, else the last lines.
 */
void launch_quote(const char *tail, char *buf, size_t size);

/* "was killed by signal 11 (Segmentation fault)" and the like. */
void launch_describe(const struct launch_end *end, char *buf, size_t size);

#endif
