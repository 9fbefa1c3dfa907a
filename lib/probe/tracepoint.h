/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the kernel, found by libtracefs in /sys/kernel/tracing.
 *
 * Errors are -errno with @why, a SKIP if this kernel or this build has no
 * tracepoints.
 */
#ifndef MMUBENCH_TRACEPOINT_H
#define MMUBENCH_TRACEPOINT_H

#include <linux/perf_event.h>
#include <sys/types.h>

#include "base/reason.h"

/*
 * Make the tracepoints readable.  Mounts tracefs if it is not mounted;
 * host_pop_all() unmounts it.
 */
int tracepoint_init(struct reason *why);

/*
 * Call @fn for every tracepoint that matches one of the comma-separated
 * patterns of @what.  A failure of @fn ends the loop and is returned.
 */
int tracepoint_each(const char *what,
		    int (*fn)(void *arg, const char *system, const char *event,
			      struct reason *why),
		    void *arg, struct reason *why);

/*
 * Open a perf event of the tracepoint for thread @pid on CPU @cpu, with the
 * meaning that perf_event_open() gives them.  Returns its fd, or -1 with errno.
 */
int tracepoint_open(const char *system, const char *event, pid_t pid, int cpu);

#endif
