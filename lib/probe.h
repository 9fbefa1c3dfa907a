/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters from beside KVM's stats fds, read at both ends of every phase and
 * recorded as "<probe>.<phase>.<counter>".
 *
 * A probe is a plug-in: a name and functions.  "engine" reads the counters of
 * an own MMU where one is loaded and costs one small read per phase; "trace"
 * counts tracepoints and is only there when asked for, because every event
 * that is counted makes what it counts slower.
 */
#ifndef MMUBENCH_PROBE_H
#define MMUBENCH_PROBE_H

#include "kstat.h"

struct probe_ops {
	const char *name;
	/*
	 * Start counting what @what names, for this process and the threads
	 * it starts from now on.  0, -ENOENT when there is nothing to count
	 * (no error, the probe stays out), or -errno with @why.
	 */
	int (*open)(void **state, const char *what, struct reason *why);
	/* Add every counter's value since the beginning to @now. */
	void (*read)(void *state, struct kstat_sum *now);
	void (*close)(void *state);
};

extern const struct probe_ops probe_engine;
/* @what: "system:event,..." with wildcards, "" for nothing. */
extern const struct probe_ops probe_trace;

/* NULL-terminated. */
extern const struct probe_ops *const probes[];
#define NR_PROBES 2

struct probe_set;

/*
 * Open all probes; @trace is what the tracepoint probe is to count.  NULL with
 * @why when one was asked for and cannot: why->err is -EOPNOTSUPP when it is
 * this host that cannot, -EINVAL when nothing matches.
 */
struct probe_set *probe_set_open(const char *trace, struct reason *why);
void probe_set_close(struct probe_set *set);

/*
 * What was counted since the last call is added to @sums, one per probe in
 * the order of probes[]; NULL drops it.  @set may be NULL.
 */
void probe_set_read(struct probe_set *set, struct kstat_sum *sums);

#endif
