// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often did the kernel pass a tracepoint?
 *
 * Method: perf counts each of them for this process and all threads it
 * starts later; nothing is sampled or buffered.  Events in kernel threads
 * (kdamond, kswapd) are not seen.  Each passage costs some 100 ns that would
 * not be there otherwise.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/tracepoint.h"
#include "internal.h"

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

static int add_event(void *arg, const char *system, const char *event,
		     struct reason *why)
{
	struct event *grown;
	struct trace *t = arg;
	int fd = tracepoint_open(system, event, 0, -1);

	if (fd < 0)
		return reason_skip(why, -EOPNOTSUPP,
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

static int trace_open(void **state, const struct probe_wish *wish,
		      struct reason *why)
{
	struct trace *t;
	int err;

	if (!wish->trace || !*wish->trace)
		return -ENOENT;
	err = tracepoint_init(why);
	if (err)
		return err;
	t = calloc(1, sizeof(*t));
	if (!t)
		return reason_set(why, -ENOMEM, "no memory for tracepoints");
	err = tracepoint_each(wish->trace, add_event, t, why);
	if (!err && !t->nr)
		err = reason_usage(why, -EINVAL,
				   "option --trace: there is no tracepoint '%s'; give system:event as in available_events of tracefs",
				   wish->trace);
	if (err)
		trace_close(t);
	else
		*state = t;
	return err;
}

static int trace_read(void *state, struct kstat_sum *now)
{
	const struct trace *t = state;
	unsigned int i;
	uint64_t value;
	ssize_t got;

	for (i = 0; i < t->nr; i++) {
		got = read(t->events[i].fd, &value, sizeof(value));
		if (got != sizeof(value))
			return got < 0 ? -errno : -EIO;
		kstat_sum_count(now, t->events[i].name, value);
	}
	return 0;
}

const struct probe_ops probe_trace = {
	.name = "trace",
	.summary = "how often each tracepoint of --trace was passed",
	.open = trace_open,
	.read = trace_read,
	.close = trace_close,
};
