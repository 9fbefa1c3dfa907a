// SPDX-License-Identifier: GPL-2.0-only
/*
 * In which order does a policy hand out the machine's CPUs?
 *
 * Method: each policy appends usable CPUs to one list; hwloc's logical order
 * is depth first (threads of a core, cores, packages), which is compact
 * order; the others walk the same objects differently.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const policies[] = {
	"compact", "spread", "cross-node", NULL
};

enum policy { POLICY_COMPACT, POLICY_SPREAD, POLICY_CROSS_NODE, POLICY_LIST };

int topo_pu_node(hwloc_obj_t pu)
{
	int node = hwloc_bitmap_first(pu->nodeset);

	return node < 0 ? 0 : node;
}

static void add_cpu(struct machine *m, int cpu)
{
	if (m->nr_cpus < TOPO_MAX_CPUS)
		m->cpus[m->nr_cpus++] = cpu;
}

static bool pu_usable(const struct machine *m, hwloc_obj_t pu)
{
	return pu && hwloc_bitmap_isset(m->usable, pu->os_index);
}

/* hwloc's logical order is depth first: threads of a core, cores, packages. */
static void order_compact(struct machine *m, int only_node)
{
	int i, n = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_PU);

	for (i = 0; i < n; i++) {
		hwloc_obj_t pu = hwloc_get_obj_by_type(m->hw, HWLOC_OBJ_PU, i);

		if (pu_usable(m, pu) &&
		    (only_node < 0 || topo_pu_node(pu) == only_node))
			add_cpu(m, pu->os_index);
	}
}

/* The @thread-th usable PU of the @core-th core in @pkg, or -1. */
static int spread_cpu(struct machine *m, hwloc_const_cpuset_t pkg, int core,
		      int thread)
{
	hwloc_obj_t obj, pu = NULL;

	obj = hwloc_get_obj_inside_cpuset_by_type(m->hw, pkg, HWLOC_OBJ_CORE,
						  core);
	if (!obj)
		return -1;
	while ((pu = hwloc_get_next_obj_inside_cpuset_by_type(
			m->hw, obj->cpuset, HWLOC_OBJ_PU, pu)))
		if (pu_usable(m, pu) && !thread--)
			return pu->os_index;
	return -1;
}

/*
 * All packages in turn, then the next core of each, then second hardware
 * threads.  A machine without cores or packages in its description (some
 * virtual ones) is as good as one core per PU: compact order.
 */
static void order_spread(struct machine *m)
{
	int nr_pkg = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_PACKAGE);
	int nr_core = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_CORE);
	int nr_pu = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_PU);
	int thread, core, pkg, cpu;

	if (nr_pkg <= 0 || nr_core <= 0) {
		order_compact(m, -1);
		return;
	}
	for (thread = 0; thread < nr_pu / nr_core + 1; thread++)
		for (core = 0; core < nr_core; core++)
			for (pkg = 0; pkg < nr_pkg; pkg++) {
				hwloc_obj_t o = hwloc_get_obj_by_type(
					m->hw, HWLOC_OBJ_PACKAGE, pkg);

				cpu = spread_cpu(m, o->cpuset, core, thread);
				if (cpu >= 0)
					add_cpu(m, cpu);
			}
}

/* The node with the greatest distance from @from; the last one if unknown. */
static int farthest_node(struct machine *m, int from)
{
	struct hwloc_distances_s *d = NULL;
	unsigned int i, j, nr = 1;
	hwloc_uint64_t most = 0;
	int far = -1;

	if (hwloc_distances_get_by_type(m->hw, HWLOC_OBJ_NUMANODE, &nr, &d,
					HWLOC_DISTANCES_KIND_MEANS_LATENCY,
					0) || !nr || !d)
		d = NULL;
	for (i = 0; d && i < d->nbobjs; i++) {
		if ((int)d->objs[i]->os_index != from)
			continue;
		for (j = 0; j < d->nbobjs; j++) {
			if (j == i || d->values[i * d->nbobjs + j] <= most)
				continue;
			most = d->values[i * d->nbobjs + j];
			far = d->objs[j]->os_index;
		}
	}
	if (d)
		hwloc_distances_release(m->hw, d);
	if (far < 0)
		far = hwloc_get_obj_by_type(m->hw, HWLOC_OBJ_NUMANODE,
					    m->nr_nodes - 1)->os_index;
	return far;
}

static int order_cross_node(struct machine *m, int *memory_node,
			    struct reason *why)
{
	int i, n = hwloc_get_nbobjs_by_type(m->hw, HWLOC_OBJ_PU), near = -1;

	if (m->nr_nodes < 2)
		return reason_skip(why, -EOPNOTSUPP,
				   "placement cross-node needs two NUMA nodes and this machine has one; use compact or spread");
	for (i = 0; i < n && near < 0; i++) {
		hwloc_obj_t pu = hwloc_get_obj_by_type(m->hw, HWLOC_OBJ_PU, i);

		if (pu_usable(m, pu))
			near = topo_pu_node(pu);
	}
	order_compact(m, near);
	*memory_node = farthest_node(m, near);
	return 0;
}

static bool list_char(char c)
{
	return (c >= '0' && c <= '9') || c == ',' || c == '-';
}

static bool looks_like_list(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if (!list_char(*c))
			return false;
	return *text >= '0' && *text <= '9';
}

/* One "7" or "4-7" of a CPU list. */
static int order_range(struct machine *m, const char *item,
		       struct reason *why)
{
	unsigned int first, last, cpu;
	int used = 0;

	if (sscanf(item, "%5u%n-%5u%n", &first, &used, &last, &used) < 2)
		last = first = used ? first : TOPO_MAX_CPUS;
	if (item[used] || first > last || last >= TOPO_MAX_CPUS)
		return reason_usage(why, -EINVAL,
				    "'%s' in a CPU list is not a CPU number or a rising range such as 4-7",
				    item);
	for (cpu = first; cpu <= last; cpu++) {
		if (!hwloc_bitmap_isset(m->usable, cpu))
			return reason_usage(why, -EINVAL,
					    "CPU %u does not exist or may not be used by this process; see 'taskset -p $$' and nproc",
					    cpu);
		add_cpu(m, cpu);
	}
	return 0;
}

static int order_list(struct machine *m, const char *list, struct reason *why)
{
	char *copy = strdup(list), *item, *rest = copy;
	int err = copy ? 0 : reason_set(why, -ENOMEM,
					"no memory for the placement");

	while (!err && (item = strsep(&rest, ",")))
		err = order_range(m, item, why);
	free(copy);
	return err;
}

static int parse_policy(const char *policy, enum policy *out,
			struct reason *why)
{
	unsigned int i;

	for (i = 0; policies[i]; i++)
		if (!strcmp(policy, policies[i])) {
			*out = (enum policy)i;
			return 0;
		}
	*out = POLICY_LIST;
	if (looks_like_list(policy))
		return 0;
	return reason_usage(why, -EINVAL,
			    "unknown placement '%.60s': use compact, spread, cross-node or a CPU list such as 0,2,4-7",
			    policy);
}

int topo_make_order(struct machine *m, const char *policy, int *memory_node,
		      struct reason *why)
{
	enum policy p;
	int err = parse_policy(policy, &p, why);

	if (!err && p == POLICY_COMPACT)
		order_compact(m, -1);
	if (!err && p == POLICY_SPREAD)
		order_spread(m);
	if (!err && p == POLICY_CROSS_NODE)
		err = order_cross_node(m, memory_node, why);
	if (!err && p == POLICY_LIST)
		err = order_list(m, policy, why);
	if (!err && !m->nr_cpus)
		err = reason_usage(why, -EINVAL,
				   "placement '%.60s' leaves no CPU to run on",
				   policy);
	return err;
}
