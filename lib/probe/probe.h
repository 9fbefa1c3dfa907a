/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes: counters and times other than those of KVM's stats fds.  They are
 * read at both ends of every phase and recorded as
 * "<probe>.<phase>.<counter>" and "<probe>.<phase>".
 *
 * A probe is a plug-in: a name and functions.  "engine" reads the counters of
 * the replacement MMU if it is loaded, at the cost of one small read per phase.
 * "trace" counts tracepoints; "span" times the way from one tracepoint to
 * another.  Both slow down what they observe, so they run only on request.
 */
#ifndef MMUBENCH_PROBE_H
#define MMUBENCH_PROBE_H

#include "base/hist.h"
#include "probe/kstat.h"

/* What the user asked for; "" or NULL means nothing. */
struct probe_wish {
	const char *trace;	/* "system:event,..." with wildcards */
	const char *span;	/* "system:event..system:event" */
};

struct probe_ops {
	const char *name;
	const char *summary;
	/*
	 * Required.  Start counting, for this process and the threads that it
	 * starts from now on.  0, or -errno with @why; -ENOENT is no error and
	 * means that there is nothing to count, so the probe is left out.
	 */
	int (*open)(void **state, const struct probe_wish *wish,
		    struct reason *why);
	/*
	 * Optional.  Add every counter's value since open() to @now.  0 or
	 * -errno: not all of them could be read.
	 */
	int (*read)(void *state, struct kstat_sum *now);
	/*
	 * Optional.  Add the times seen since the last call to @h, in ns; its
	 * minimum and maximum are then exact to a bin only.  NULL drops them.
	 */
	void (*read_times)(void *state, struct hist *h);
	void (*close)(void *state);	/* required */
};

/* NULL-terminated; see base/registry.h. */
extern const struct probe_ops *const probe_members[];
#define PROBES_MAX 8	/* chosen; the number of members must not exceed it */

/* What one probe has seen.  Initialise it to zero. */
struct probe_sum {
	struct kstat_sum counts;
	struct hist *times;	/* NULL: this probe times nothing, or
				 * counts.err tells why they are lost */
};

void probe_sum_free(struct probe_sum *sum);

struct probe_set;

/*
 * Open all probes.  Returns NULL with @why if one that was asked for cannot be
 * opened: a SKIP if this host lacks something, a USAGE if the wish makes no
 * sense.
 */
struct probe_set *probe_set_open(const struct probe_wish *wish,
				 struct reason *why);
void probe_set_close(struct probe_set *set);

/*
 * Add what was seen since the last call to @sums, one per probe in the order
 * of probe_members[].  NULL drops it.  @set may be NULL.
 */
void probe_set_read(struct probe_set *set, struct probe_sum *sums);

#endif
