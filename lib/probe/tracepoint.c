// SPDX-License-Identifier: GPL-2.0-only
/* Tracepoints: found by libtracefs, opened with perf_event_open(). */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/host.h"
#include "probe/tracepoint.h"

#ifdef HAVE_TRACEFS
#include <tracefs.h>

#define TRACEFS "/sys/kernel/tracing"

/* libtracefs mounts it and leaves it there; ours is taken away again. */
int tracepoint_init(struct reason *why)
{
	int err;

	if (host_exists(TRACEFS "/events"))
		return 0;
	if (!host_exists(TRACEFS))
		return reason_skip(why, -EOPNOTSUPP,
				   "this kernel has no tracepoints");
	err = host_push_mount("tracefs", TRACEFS, NULL, why);
	return err ? reason_was_probe(why, err) : 0;
}

/* Is "@system:@event" one of the comma-separated patterns? */
static bool wanted(const char *what, const char *system, const char *event)
{
	char *copy = strdup(what), *rest = copy, *pattern, full[256];
	bool found = false;

	snprintf(full, sizeof(full), "%s:%s", system, event);
	while (copy && !found && (pattern = strsep(&rest, ",")))
		found = !fnmatch(pattern, full, 0);
	free(copy);
	return found;
}

int tracepoint_each(const char *what,
		    int (*fn)(void *arg, const char *system, const char *event,
			      struct reason *why),
		    void *arg, struct reason *why)
{
	char **systems = tracefs_event_systems(NULL), **events;
	int i, j, err = 0;

	if (!systems)
		return reason_skip(why, -EOPNOTSUPP,
				   "this kernel has no tracepoints");
	for (i = 0; systems[i] && !err; i++) {
		events = tracefs_system_events(NULL, systems[i]);
		for (j = 0; events && events[j] && !err; j++)
			if (wanted(what, systems[i], events[j]))
				err = fn(arg, systems[i], events[j], why);
		tracefs_list_free(events);
	}
	tracefs_list_free(systems);
	return err;
}

int tracepoint_open(const char *system, const char *event, pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr),
		.inherit = pid >= 0,
	};
	char *text = tracefs_event_file_read(NULL, system, event, "id", NULL);

	if (!text) {
		errno = ENOENT;
		return -1;
	}
	attr.config = strtoull(text, NULL, 10);
	free(text);
	return syscall(SYS_perf_event_open, &attr, pid, cpu, -1,
		       PERF_FLAG_FD_CLOEXEC);
}

#else

int tracepoint_init(struct reason *why)
{
	return reason_skip(why, -EOPNOTSUPP, "built without libtracefs");
}

int tracepoint_each(const char *what,
		    int (*fn)(void *arg, const char *system, const char *event,
			      struct reason *why),
		    void *arg, struct reason *why)
{
	return tracepoint_init(why);
}

int tracepoint_open(const char *system, const char *event, pid_t pid, int cpu)
{
	errno = ENOENT;
	return -1;
}

#endif
