// SPDX-License-Identifier: GPL-2.0-only
/*
 * How are threads and memory put where a plan says, and did it work?
 *
 * Method: sched_setaffinity() for the calling thread, mbind() with a strict
 * policy for memory that nobody has touched yet, move_pages() without a
 * target to read back the node of each page.  A kernel without NUMA support
 * has one node, 0, and nothing to bind.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <numa.h>
#include <numaif.h>

#include "topo/topo.h"

#define TOPO_BATCH	1024	/* pages per move_pages() call; 64..64K do */

int topo_pin_self(const struct topo_thread *th, struct reason *why)
{
	cpu_set_t *set = CPU_ALLOC(TOPO_MAX_CPUS);
	size_t bytes = CPU_ALLOC_SIZE(TOPO_MAX_CPUS);
	int err = 0;

	if (!set)
		return reason_set(why, -ENOMEM, "out of memory for pinning");
	CPU_ZERO_S(bytes, set);
	CPU_SET_S(th->cpu, bytes, set);
	if (sched_setaffinity(0, bytes, set))
		err = -errno;
	CPU_FREE(set);
	if (err)
		return reason_set(why, err,
				  "cannot pin %s to CPU %d: %s; choose CPUs from 'taskset -p $$' with --place",
				  th->name, th->cpu, strerror(-err));
	return 0;
}

void *topo_save_self(void)
{
	cpu_set_t *set = CPU_ALLOC(TOPO_MAX_CPUS);

	if (set && sched_getaffinity(0, CPU_ALLOC_SIZE(TOPO_MAX_CPUS), set)) {
		CPU_FREE(set);
		set = NULL;
	}
	return set;
}

void topo_restore_self(void *saved)
{
	cpu_set_t *set = saved;

	if (set)
		sched_setaffinity(0, CPU_ALLOC_SIZE(TOPO_MAX_CPUS), set);
	CPU_FREE(set);
}

unsigned int topo_nr_nodes(void)
{
	return numa_available() < 0 ? 1 : (unsigned int)numa_max_node() + 1;
}

int topo_bind_memory(void *addr, size_t bytes, int node, struct reason *why)
{
	unsigned long mask[16] = { 0 };	/* 1024 nodes, the kernel's limit */
	const unsigned int bits = 8 * sizeof(mask[0]);
	int err;

	if (node < 0 || numa_available() < 0)
		return 0;
	if ((unsigned int)node >= topo_nr_nodes())
		return reason_usage(why, -EINVAL,
				    "NUMA node %d does not exist; this machine has nodes 0 to %u",
				    node, topo_nr_nodes() - 1);
	mask[node / bits] = 1ul << (node % bits);
	if (!mbind(addr, bytes, MPOL_BIND, mask, 8 * sizeof(mask), 0))
		return 0;
	err = -errno;
	if (err == -ENOSYS)
		return 0;
	return reason_set(why, err, "cannot bind memory to NUMA node %d: %s",
			  node, strerror(-err));
}

void topo_move_memory(void *addr, size_t bytes, unsigned int node)
{
	size_t i, done, batch, nr = bytes / 4096;
	void *pages[TOPO_BATCH];
	int nodes[TOPO_BATCH], status[TOPO_BATCH];

	for (done = 0; done < nr; done += batch) {
		batch = nr - done < TOPO_BATCH ? nr - done : TOPO_BATCH;
		for (i = 0; i < batch; i++) {
			pages[i] = (char *)addr + (done + i) * 4096;
			nodes[i] = node;
		}
		move_pages(0, batch, pages, nodes, status, MPOL_MF_MOVE);
	}
}

int topo_count_nodes(void *addr, size_t bytes, size_t *counts,
		     unsigned int nr_nodes, struct reason *why)
{
	size_t i, done, batch, nr = bytes / 4096;
	void *pages[TOPO_BATCH];
	int status[TOPO_BATCH], err;

	memset(counts, 0, nr_nodes * sizeof(*counts));
	for (done = 0; done < nr; done += batch) {
		batch = nr - done < TOPO_BATCH ? nr - done : TOPO_BATCH;
		for (i = 0; i < batch; i++)
			pages[i] = (char *)addr + (done + i) * 4096;
		if (move_pages(0, batch, pages, NULL, status, 0) < 0) {
			err = -errno;
			if (err == -ENOSYS && nr_nodes) {
				counts[0] = nr;
				return 0;
			}
			return reason_set(why, err,
					  "cannot find out on which NUMA nodes pages lie: %s",
					  strerror(-err));
		}
		for (i = 0; i < batch; i++)
			if (status[i] >= 0 && (unsigned int)status[i] < nr_nodes)
				counts[status[i]]++;
	}
	return 0;
}
