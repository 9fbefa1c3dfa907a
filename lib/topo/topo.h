/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Placement: which thread runs on which CPU, and which memory lies on which
 * NUMA node.  hwloc describes the machine, libnuma binds the memory.
 */
#ifndef MMUBENCH_TOPO_H
#define MMUBENCH_TOPO_H

#include <stddef.h>
#include <jansson.h>

#include "base/reason.h"

#define TOPO_MAX_CPUS 4096	/* chosen; the largest kernels take 8192 */

struct topo;

struct topo_thread {
	char name[16];		/* "vcpu0", "ager", ... */
	int cpu;		/* logical CPU number, as in /proc/cpuinfo */
	int node;		/* NUMA node of that CPU */
	int shared;		/* number of threads placed there before */
};

/*
 * Place @nr_vcpus vCPU threads and @nr_agents agent threads on the CPUs that
 * the process may use.  @policy is a CPU list such as "0,2,4-7", or one of
 *   compact     fill a core's hardware threads, then its package, then the next
 *   spread      one thread per core, alternating between packages
 *   cross-node  CPUs of node 0, memory on the node farthest away
 * vCPUs are placed first.  Agents get the CPUs left over; if there are none,
 * they share (see ->shared).  Returns NULL with @why and errno set: EINVAL for
 * an unknown policy, a bad list or a CPU that may not be used (USAGE), and
 * EOPNOTSUPP if the machine lacks what the policy needs (SKIP).
 */
struct topo *topo_plan(const char *policy, unsigned int nr_vcpus,
		       unsigned int nr_agents, struct reason *why);
void topo_free(struct topo *t);

const struct topo_thread *topo_vcpu(const struct topo *t, unsigned int i);
const struct topo_thread *topo_agent(const struct topo *t, unsigned int i);

/* Rename agent @i to @name. 0 or -ENOMEM. */
int topo_name_agent(struct topo *t, unsigned int i, const char *name);

/* Pin the calling thread to its planned CPU. */
int topo_pin_self(const struct topo_thread *th, struct reason *why);
/* Save the calling thread's CPU mask; NULL if it cannot be read. */
void *topo_save_self(void);
/* Restore that mask and free @saved, which may be NULL. */
void topo_restore_self(void *saved);

/* Node on which the memory under test should lie; -1 = do not bind. */
int topo_memory_node(const struct topo *t);

/*
 * Bind [addr, addr + bytes) to @node (strict); call it before the first touch.
 * Does nothing if @node is -1 or the kernel has no NUMA support.
 */
int topo_bind_memory(void *addr, size_t bytes, int node, struct reason *why);

/*
 * Ask the kernel to move the pages of [addr, addr + bytes) to @node.  Pages
 * that are absent or in use elsewhere stay where they are.
 */
void topo_move_memory(void *addr, size_t bytes, unsigned int node);

/* Count the range's 4K pages on each node into counts[0..nr_nodes). */
int topo_count_nodes(void *addr, size_t bytes, size_t *counts,
		     unsigned int nr_nodes, struct reason *why);

unsigned int topo_nr_nodes(void);

/* For the record: policy, and CPU and node of each thread. New reference. */
json_t *topo_json(const struct topo *t);
/* For the terminal: "vcpu0@0 vcpu1@1 ager@0(shared)"; lives as long as @t. */
const char *topo_text(const struct topo *t);

#endif
