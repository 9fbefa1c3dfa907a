// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread runs on which CPU, which memory lies on which node, and why?
 *
 * Method: hwloc reads the machine (or, for tests, what HWLOC_SYNTHETIC or
 * HWLOC_XMLFILE describe); a policy turns its processing units into one
 * ordered list; vCPUs take the list from the front, agents go on where the
 * vCPUs ended, and everybody starts over when the list is used up.  Only CPUs
 * that the process may use are in the list.  Acting on a plan is bind.c's job.
 *
 * Cannot tell: whether a hypervisor below runs two of these CPUs on one.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct topo {
	char policy[64];
	unsigned int nr_vcpus;
	unsigned int nr_agents;
	int memory_node;
	struct topo_thread *threads;	/* vCPUs, then agents */
	char *text;
};

/* ---- reading the machine ------------------------------------------------ */

static void machine_free(struct machine *m)
{
	if (m->usable)
		hwloc_bitmap_free(m->usable);
	if (m->hw)
		hwloc_topology_destroy(m->hw);
	free(m->cpus);
}

static int machine_load(struct machine *m, struct reason *why)
{
	hwloc_bitmap_t bound;

	if (hwloc_topology_init(&m->hw))
		return reason_set(why, -ENOMEM, "cannot start hwloc");
	if (hwloc_topology_load(m->hw))
		return reason_set(why, -EIO,
				  "hwloc cannot read this machine's topology; check HWLOC_XMLFILE and HWLOC_SYNTHETIC");
	m->usable = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(m->hw));
	bound = hwloc_bitmap_alloc();
	m->cpus = calloc(TOPO_MAX_CPUS, sizeof(*m->cpus));
	if (!m->usable || !bound || !m->cpus) {
		hwloc_bitmap_free(bound);
		return reason_set(why, -ENOMEM, "out of memory for the topology");
	}
	if (hwloc_topology_is_thissystem(m->hw) &&
	    !hwloc_get_cpubind(m->hw, bound, HWLOC_CPUBIND_PROCESS) &&
	    !hwloc_bitmap_iszero(bound))
		hwloc_bitmap_and(m->usable, m->usable, bound);
	hwloc_bitmap_free(bound);
	m->nr_nodes = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_NUMANODE);
	return 0;
}

/* ---- the plan ----------------------------------------------------------- */

static void place(struct topo *t, unsigned int i, const struct machine *m)
{
	struct topo_thread *th = &t->threads[i];
	hwloc_obj_t pu;
	unsigned int j;

	th->cpu = m->cpus[i % m->nr_cpus];
	pu = hwloc_get_pu_obj_by_os_index(m->hw, th->cpu);
	th->node = pu ? topo_pu_node(pu) : 0;
	for (j = 0; j < i; j++)
		th->shared += t->threads[j].cpu == th->cpu;
	if (i < t->nr_vcpus)
		snprintf(th->name, sizeof(th->name), "vcpu%u", i);
	else
		snprintf(th->name, sizeof(th->name), "agent%u",
			 i - t->nr_vcpus);
}

/* Local memory when all vCPUs are on one of several nodes, else no binding. */
static int local_node(const struct topo *t, const struct machine *m)
{
	unsigned int i;

	if (m->nr_nodes < 2)
		return -1;
	for (i = 1; i < t->nr_vcpus; i++)
		if (t->threads[i].node != t->threads[0].node)
			return -1;
	return t->threads[0].node;
}

static int make_text(struct topo *t)
{
	unsigned int i;
	size_t size;
	FILE *f = open_memstream(&t->text, &size);

	if (!f)
		return -ENOMEM;
	for (i = 0; i < t->nr_vcpus + t->nr_agents; i++)
		fprintf(f, "%s%s@%d%s", i ? " " : "", t->threads[i].name,
			t->threads[i].cpu, t->threads[i].shared ? "(shared)" : "");
	if (t->memory_node >= 0)
		fprintf(f, " memory@node%d", t->memory_node);
	return fclose(f) ? -ENOMEM : 0;
}

static int fill_plan(struct topo *t, const char *policy, struct reason *why)
{
	struct machine m = { 0 };
	unsigned int i;
	int err;

	t->memory_node = -1;
	err = machine_load(&m, why);
	if (!err)
		err = topo_make_order(&m, policy, &t->memory_node, why);
	if (!err) {
		for (i = 0; i < t->nr_vcpus + t->nr_agents; i++)
			place(t, i, &m);
		if (t->memory_node < 0)
			t->memory_node = local_node(t, &m);
		err = make_text(t);
		if (err)
			reason_set(why, err, "no memory for the placement");
	}
	machine_free(&m);
	return err;
}

struct topo *topo_plan(const char *policy, unsigned int nr_vcpus,
		       unsigned int nr_agents, struct reason *why)
{
	struct topo *t = calloc(1, sizeof(*t));
	int err;

	if (!nr_vcpus) {
		free(t);
		errno = EINVAL;
		reason_usage(why, -EINVAL, "a placement needs at least one vCPU");
		return NULL;
	}
	if (t)
		t->threads = calloc(nr_vcpus + nr_agents, sizeof(*t->threads));
	if (!t || !t->threads) {
		free(t);
		errno = ENOMEM;
		reason_set(why, -ENOMEM, "out of memory for the placement");
		return NULL;
	}
	t->nr_vcpus = nr_vcpus;
	t->nr_agents = nr_agents;
	snprintf(t->policy, sizeof(t->policy), "%s", policy);
	err = fill_plan(t, policy, why);
	if (err) {
		topo_free(t);
		errno = -err;
		return NULL;
	}
	return t;
}

void topo_free(struct topo *t)
{
	if (!t)
		return;
	free(t->threads);
	free(t->text);
	free(t);
}

const struct topo_thread *topo_vcpu(const struct topo *t, unsigned int i)
{
	return i < t->nr_vcpus ? &t->threads[i] : NULL;
}

const struct topo_thread *topo_agent(const struct topo *t, unsigned int i)
{
	return i < t->nr_agents ? &t->threads[t->nr_vcpus + i] : NULL;
}

int topo_name_agent(struct topo *t, unsigned int i, const char *name)
{
	struct topo_thread *th = &t->threads[t->nr_vcpus + i];

	snprintf(th->name, sizeof(th->name), "%s", name);
	free(t->text);
	t->text = NULL;
	return make_text(t);
}

int topo_memory_node(const struct topo *t)
{
	return t->memory_node;
}

const char *topo_text(const struct topo *t)
{
	return t->text;
}

json_t *topo_json(const struct topo *t)
{
	json_t *threads = json_array();
	unsigned int i;

	for (i = 0; i < t->nr_vcpus + t->nr_agents; i++) {
		const struct topo_thread *th = &t->threads[i];

		if (json_array_append_new(threads,
					  json_pack("{s:s,s:i,s:i,s:i}", "name",
						    th->name, "cpu", th->cpu,
						    "node", th->node, "shared",
						    th->shared))) {
			json_decref(threads);
			return NULL;
		}
	}
	return json_pack("{s:s,s:i,s:o}", "policy", t->policy, "memory_node",
			 t->memory_node, "threads", threads);
}
