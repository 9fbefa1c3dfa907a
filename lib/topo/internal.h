/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_TOPO_INTERNAL_H
#define MMUBENCH_TOPO_INTERNAL_H

#include <hwloc.h>

#include "topo/topo.h"

/* The machine, while a plan is being made. */
struct machine {
	hwloc_topology_t hw;
	hwloc_bitmap_t usable;	/* CPUs this process may run on */
	int nr_nodes;
	int *cpus;		/* CPUs in the order of the policy */
	unsigned int nr_cpus;
};

/* NUMA node of a processing unit. */
int topo_pu_node(hwloc_obj_t pu);

/*
 * Fill m->cpus in the order of @policy.  cross-node also sets *@memory_node.
 * 0, or -errno with @why.
 */
int topo_make_order(struct machine *m, const char *policy, int *memory_node,
		    struct reason *why);

#endif
