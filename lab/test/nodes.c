// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Where do a thread and its memory really lie under a placement policy?
 *
 * Plans one vCPU with the library, pins itself, binds and touches memory as
 * the harness does, then asks the kernel for the CPU it runs on and for the
 * node of every page.  Prints one line, "policy=.. cpu=.. cpu_node=..
 * want_node=.. node0=PAGES node1=PAGES", for lab/test/placement to judge.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "topo/topo.h"

#define PAGES 1024

int main(int argc, char **argv)
{
	const char *policy = argc > 1 ? argv[1] : "compact";
	size_t counts[2] = { 0 }, bytes = PAGES * 4096;
	unsigned int cpu, cpu_node;
	struct reason why = { 0 };
	struct topo *t;
	int node;
	void *mem;

	t = topo_plan(policy, 1, 0, &why);
	if (!t || topo_pin_self(topo_vcpu(t, 0), &why))
		goto fail;
	node = argc > 2 ? (int)strtol(argv[2], NULL, 10) : topo_memory_node(t);
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED || topo_bind_memory(mem, bytes, node, &why))
		goto fail;
	memset(mem, 1, bytes);
	if (getcpu(&cpu, &cpu_node) ||
	    topo_count_nodes(mem, bytes, counts, 2, &why))
		goto fail;
	printf("policy=%s cpu=%u cpu_node=%u want_node=%d node0=%zu node1=%zu\n",
	       policy, cpu, cpu_node, node, counts[0], counts[1]);
	topo_free(t);
	return 0;
fail:
	printf("policy=%s failed: %s\n", policy, why.text);
	return 1;
}
