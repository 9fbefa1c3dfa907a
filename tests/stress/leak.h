/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is everything given back?  KVM's counters of mappings go to zero with the
 * memslots, the kernel's page-table pages go with the VM, and its log says
 * nothing of it all.
 */
#ifndef MMUBENCH_STRESS_LEAK_H
#define MMUBENCH_STRESS_LEAK_H

#include "world/world.h"

struct leak {
	int kmsg;		/* -1: not readable */
	uint64_t table_kib;	/* SecPageTables before, 0: not told */
};

/* Before the VM exists. */
int leak_begin(struct leak *l, struct reason *why);
/* Guests stopped for good: deletes the memslots under test. */
void leak_judge_mappings(struct leak *l, struct world *w);
/* After the VM is gone: what the kernel kept, and what it said. */
void leak_end(struct leak *l, struct rec *rec);

#endif
