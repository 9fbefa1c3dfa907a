/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the kernel, found by libtracefs in /sys/kernel/tracing.
 *
 * Errors: -errno with @why; -EOPNOTSUPP when this kernel or build has none.
 */
#ifndef MMUBENCH_TRACEPOINT_H
#define MMUBENCH_TRACEPOINT_H

#include <linux/perf_event.h>
#include <sys/types.h>

#include "base/reason.h"

/*
 * Make the tracepoints readable: tracefs is mounted when nobody has, and
 * comes off with the other host settings.
 */
int tracepoint_init(struct reason *why);

/* Every tracepoint that matches one of the comma-separated patterns of @what. */
int tracepoint_each(const char *what,
		    int (*fn)(void *arg, const char *system, const char *event,
			      struct reason *why),
		    void *arg, struct reason *why);

/*
 * A perf event of the tracepoint, for the thread @pid on the CPU @cpu as
 * perf_event_open() has them; returns its fd or -1 with errno set.
 */
int tracepoint_open(const char *system, const char *event, pid_t pid, int cpu);

#endif
