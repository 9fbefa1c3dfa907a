// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often did the kernel pass a tracepoint?
 *
 * Method: libtracefs finds the events that match, perf counts each of them
 * for this process and all threads it starts later; nothing is sampled or
 * buffered.  Events in kernel threads (kdamond, kswapd) are not seen.  Each
 * passage costs some 100 ns that would not be there otherwise.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "probe.h"

#ifdef HAVE_TRACEFS
#include <tracefs.h>

#include "host.h"

#define TRACEFS "/sys/kernel/tracing"

struct event {
	char name[64];		/* "kvmmmu:fast_page_fault" */
	int fd;
};

struct trace {
	struct event *events;
	unsigned int nr;
};

static void trace_close(void *state)
{
	struct trace *t = state;
	unsigned int i;

	for (i = 0; i < t->nr; i++)
		close(t->events[i].fd);
	free(t->events);
	free(t);
}

/* -1 with errno set. */
static int open_counter(const char *system, const char *event)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr),
		.inherit = 1,
	};
	char *text = tracefs_event_file_read(NULL, system, event, "id", NULL);

	if (!text)
		return -1;
	attr.config = strtoull(text, NULL, 10);
	free(text);
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1,
		       PERF_FLAG_FD_CLOEXEC);
}

static int add_event(struct trace *t, const char *system, const char *event,
		     struct reason *why)
{
	struct event *grown;
	int fd = open_counter(system, event);

	if (fd < 0)
		return reason_set(why, -EOPNOTSUPP,
				  "cannot count tracepoint %s:%s (%s); run as root on a kernel with CONFIG_PERF_EVENTS",
				  system, event, strerror(errno));
	grown = realloc(t->events, (t->nr + 1) * sizeof(*grown));
	if (!grown) {
		close(fd);
		return reason_set(why, -ENOMEM, "no memory for tracepoints");
	}
	t->events = grown;
	grown[t->nr].fd = fd;
	snprintf(grown[t->nr++].name, sizeof(grown->name), "%s:%s", system,
		 event);
	return 0;
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

static int add_system(struct trace *t, const char *what, const char *system,
		      struct reason *why)
{
	char **events = tracefs_system_events(NULL, system);
	int i, err = 0;

	for (i = 0; events && events[i] && !err; i++) {
		if (wanted(what, system, events[i]))
			err = add_event(t, system, events[i], why);
	}
	tracefs_list_free(events);
	return err;
}

/* libtracefs mounts it and leaves it there; ours is taken away again. */
static int mount_tracefs(struct reason *why)
{
	if (host_exists(TRACEFS "/events"))
		return 0;
	if (!host_exists(TRACEFS))
		return reason_set(why, -EOPNOTSUPP,
				  "no tracepoints in this kernel");
	return host_push_mount("tracefs", TRACEFS, NULL, why) ?
	       -EOPNOTSUPP : 0;
}

static int trace_open(void **state, const char *what, struct reason *why)
{
	char **systems;
	struct trace *t;
	int i, err;

	if (!what || !*what)
		return -ENOENT;
	err = mount_tracefs(why);
	if (err)
		return err;
	systems = tracefs_event_systems(NULL);
	if (!systems)
		return reason_set(why, -EOPNOTSUPP,
				  "no tracepoints in this kernel");
	t = calloc(1, sizeof(*t));
	if (!t)
		err = reason_set(why, -ENOMEM, "no memory for tracepoints");
	for (i = 0; systems[i] && !err; i++)
		err = add_system(t, what, systems[i], why);
	tracefs_list_free(systems);
	if (!err && !t->nr)
		err = reason_set(why, -EINVAL,
				 "option --trace: no tracepoint is called '%s'; give system:event as in available_events of tracefs",
				 what);
	if (err && t)
		trace_close(t);
	*state = t;
	return err;
}

static void trace_read(void *state, struct kstat_sum *now)
{
	const struct trace *t = state;
	unsigned int i;
	uint64_t value;

	for (i = 0; i < t->nr; i++) {
		if (read(t->events[i].fd, &value, sizeof(value)) ==
		    sizeof(value))
			kstat_sum_count(now, t->events[i].name, value);
	}
}

#else

static int trace_open(void **state, const char *what, struct reason *why)
{
	if (!what || !*what)
		return -ENOENT;
	return reason_set(why, -EOPNOTSUPP, "built without libtracefs");
}

static void trace_read(void *state, struct kstat_sum *now)
{
}

static void trace_close(void *state)
{
}

#endif

const struct probe_ops probe_trace = {
	.name = "trace",
	.open = trace_open,
	.read = trace_read,
	.close = trace_close,
};
