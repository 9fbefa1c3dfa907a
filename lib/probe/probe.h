/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted and timed beside KVM's stats fds, read at both ends of every
 * phase and recorded as "<probe>.<phase>.<counter>" and "<probe>.<phase>".
 *
 * A probe is a plug-in: a name and functions.  "engine" reads the counters of
 * an own MMU where one is loaded and costs one small read per phase; "trace"
 * counts tracepoints and "span" times the way from one to another.  These two
 * are only there when asked for, because what they see gets slower by it.
 */
#ifndef MMUBENCH_PROBE_H
#define MMUBENCH_PROBE_H

#include "base/hist.h"
#include "probe/kstat.h"

/* What the user asked for; "" or NULL for nothing. */
struct probe_wish {
	const char *trace;	/* "system:event,..." with wildcards */
	const char *span;	/* "system:event..system:event" */
};

struct probe_ops {
	const char *name;
	/*
	 * Start to count, for this process and the threads it starts from
	 * now on.  0, -ENOENT when there is nothing to count (no error, the
	 * probe stays out), or -errno with @why.
	 */
	int (*open)(void **state, const struct probe_wish *wish,
		    struct reason *why);
	/* Optional: add every counter's value since the beginning to @now. */
	void (*read)(void *state, struct kstat_sum *now);
	/*
	 * Optional: add the times, in ns, seen since the last call to @h, of
	 * which minimum and maximum are those of their bins; NULL drops them.
	 */
	void (*read_times)(void *state, struct hist *h);
	void (*close)(void *state);
};

extern const struct probe_ops probe_engine;
extern const struct probe_ops probe_trace;
extern const struct probe_ops probe_span;

/* NULL-terminated. */
extern const struct probe_ops *const probes[];
#define NR_PROBES 3

/* What one probe has seen; starts zeroed. */
struct probe_sum {
	struct kstat_sum counts;
	struct hist *times;	/* NULL: this probe times nothing */
};

void probe_sum_free(struct probe_sum *sum);

struct probe_set;

/*
 * Open all probes.  NULL with @why when one was asked for and cannot:
 * why->err is -EOPNOTSUPP when it is this host that cannot, -EINVAL when the
 * wish makes no sense.
 */
struct probe_set *probe_set_open(const struct probe_wish *wish,
				 struct reason *why);
void probe_set_close(struct probe_set *set);

/*
 * What was seen since the last call is added to @sums, one per probe in the
 * order of probes[]; NULL drops it.  @set may be NULL.
 */
void probe_set_read(struct probe_set *set, struct probe_sum *sums);

#endif
