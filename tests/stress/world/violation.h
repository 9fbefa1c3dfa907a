/* SPDX-License-Identifier: GPL-2.0-only */
/* What the record says of the first alarm, beside the page's history. */
#ifndef MMUBENCH_STRESS_VIOLATION_H
#define MMUBENCH_STRESS_VIOLATION_H

struct world;

/* From here on KVM's counters count. Before guests and agents run. */
void violation_begin(struct world *w);
/* The first alarm is being raised, by any thread; w->lock is held. */
void violation_catch(struct world *w);
/* All stand still. Nothing is recorded without an alarm. */
void violation_record(struct world *w);
void violation_free(struct world *w);

#endif
