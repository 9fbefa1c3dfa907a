// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does each placement policy give the threads the CPUs it promises?
 *
 * Method: machines described to hwloc as text or XML, so that any host tests
 * any shape; the expected plan is written out as CPU numbers.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "topo/topo.h"

/* Two packages of two cores with two threads: PU numbers are depth first. */
#define TWO_PACKAGES "pack:2 [numa] core:2 pu:2"
#define FOUR_NODES "pack:4 [numa] core:1 pu:2"
#define FLAT "pu:4"

struct row {
	const char *name;
	const char *machine;
	const char *policy;
	unsigned int nr_vcpus, nr_agents;
	const char *text;	/* topo_text(), or NULL when refused */
	int memory_node;	/* or errno when refused */
	const char *why;	/* part of the reason when refused */
};

static const struct row rows[] = {
	{ "compact fills a core first", TWO_PACKAGES, "compact", 3, 1,
	  "vcpu0@0 vcpu1@1 vcpu2@2 agent0@3 memory@node0", 0 },
	{ "compact goes on to the next package", TWO_PACKAGES, "compact", 5, 0,
	  "vcpu0@0 vcpu1@1 vcpu2@2 vcpu3@3 vcpu4@4", -1 },
	{ "spread takes packages in turn", TWO_PACKAGES, "spread", 4, 0,
	  "vcpu0@0 vcpu1@4 vcpu2@2 vcpu3@6", -1 },
	{ "spread comes to second threads last", TWO_PACKAGES, "spread", 6, 2,
	  "vcpu0@0 vcpu1@4 vcpu2@2 vcpu3@6 vcpu4@1 vcpu5@5 agent0@3 agent1@7",
	  -1 },
	{ "spread without packages", FLAT, "spread", 4, 0,
	  "vcpu0@0 vcpu1@1 vcpu2@2 vcpu3@3", -1 },
	{ "cross-node runs near, remembers far", TWO_PACKAGES, "cross-node", 2,
	  1, "vcpu0@0 vcpu1@1 agent0@2 memory@node1", 1 },
	{ "cross-node shares the near node", FOUR_NODES, "cross-node", 2, 1,
	  "vcpu0@0 vcpu1@1 agent0@0(shared) memory@node3", 3 },
	{ "agents share when CPUs run out", FLAT, "compact", 4, 2,
	  "vcpu0@0 vcpu1@1 vcpu2@2 vcpu3@3 agent0@0(shared) agent1@1(shared)",
	  -1 },
	{ "more vCPUs than CPUs", "pu:2", "compact", 3, 0,
	  "vcpu0@0 vcpu1@1 vcpu2@0(shared)", -1 },
	{ "a list keeps its order", TWO_PACKAGES, "6,1,2-3", 3, 1,
	  "vcpu0@6 vcpu1@1 vcpu2@2 agent0@3", -1 },
	{ "a list on one node binds memory there", TWO_PACKAGES, "5,7", 2, 0,
	  "vcpu0@5 vcpu1@7 memory@node1", 1 },
	{ "a list may name a CPU twice", FLAT, "1,1", 2, 0,
	  "vcpu0@1 vcpu1@1(shared)", -1 },
	{ "cross-node needs two nodes", FLAT, "cross-node", 1, 0, NULL,
	  EOPNOTSUPP, "has one" },
	{ "unknown policy", FLAT, "compcat", 1, 0, NULL, EINVAL,
	  "use compact, spread, cross-node" },
	{ "empty policy", FLAT, "", 1, 0, NULL, EINVAL, "unknown placement" },
	{ "CPU that does not exist", FLAT, "0,4", 1, 0, NULL, EINVAL, "CPU 4" },
	{ "falling range", FLAT, "3-1", 1, 0, NULL, EINVAL, "rising range" },
	{ "open range", FLAT, "1-", 1, 0, NULL, EINVAL, "rising range" },
	{ "empty item", FLAT, "1,,2", 1, 0, NULL, EINVAL, "rising range" },
	{ "two dashes", FLAT, "1-2-3", 1, 0, NULL, EINVAL, "rising range" },
	{ "absurd number", FLAT, "99999999999", 1, 0, NULL, EINVAL, "rising" },
	{ "no vCPUs", FLAT, "compact", 0, 1, NULL, EINVAL, "at least one" },
};

static void check_row(const struct row *r)
{
	struct reason why = { "" };
	struct topo *t;

	setenv("HWLOC_SYNTHETIC", r->machine, 1);
	t = topo_plan(r->policy, r->nr_vcpus, r->nr_agents, &why);
	if (!r->text) {
		assert_null(t);
		assert_int_equal(errno, r->memory_node);
		assert_int_equal(why.ending, errno == EOPNOTSUPP ?
				 ENDING_SKIP : ENDING_USAGE);
		assert_non_null(strstr(why.text, r->why));
		return;
	}
	if (!t)
		fail_msg("%s: %s", r->name, why.text);
	assert_string_equal(topo_text(t), r->text);
	assert_int_equal(topo_memory_node(t), r->memory_node);
	topo_free(t);
}

static void policies(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].name);
		check_row(&rows[i]);
	}
	unsetenv("HWLOC_SYNTHETIC");
}

static void an_agent_has_a_name(void **state)
{
	struct reason why = { "" };
	struct topo *t;

	setenv("HWLOC_SYNTHETIC", FLAT, 1);
	t = topo_plan("compact", 2, 2, &why);
	assert_non_null(t);
	assert_int_equal(topo_name_agent(t, 1, "host"), 0);
	assert_string_equal(topo_text(t), "vcpu0@0 vcpu1@1 agent0@2 host@3");
	assert_string_equal(topo_agent(t, 1)->name, "host");
	topo_free(t);
	unsetenv("HWLOC_SYNTHETIC");
}

/* What is pinned for one case must not narrow the plan of the next. */
static void pinning_can_be_undone(void **state)
{
	struct topo_thread here = { .name = "test", .cpu = sched_getcpu() };
	struct reason why = { "" };
	cpu_set_t before, pinned, after;
	void *home;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	home = topo_save_self();
	assert_int_equal(topo_pin_self(&here, &why), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(pinned), &pinned), 0);
	topo_restore_self(home);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_int_equal(CPU_COUNT(&pinned), 1);
	assert_true(CPU_EQUAL(&before, &after));
	topo_restore_self(NULL);
}

static void threads_know_their_node(void **state)
{
	struct topo *t;
	json_t *j, *second;

	setenv("HWLOC_SYNTHETIC", TWO_PACKAGES, 1);
	t = topo_plan("spread", 2, 1, NULL);
	unsetenv("HWLOC_SYNTHETIC");
	assert_non_null(t);
	assert_int_equal(topo_vcpu(t, 0)->node, 0);
	assert_int_equal(topo_vcpu(t, 1)->node, 1);
	assert_string_equal(topo_agent(t, 0)->name, "agent0");
	assert_null(topo_vcpu(t, 2));
	assert_null(topo_agent(t, 1));
	j = topo_json(t);
	assert_string_equal(json_string_value(json_object_get(j, "policy")),
			    "spread");
	second = json_array_get(json_object_get(j, "threads"), 1);
	assert_int_equal(json_integer_value(json_object_get(second, "cpu")), 4);
	assert_int_equal(json_integer_value(json_object_get(second, "node")), 1);
	json_decref(j);
	topo_free(t);
}

/* A machine as XML: two nodes, distances that make node 1 the far one. */
static const char machine_xml[] =
"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
"<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
"<topology version=\"2.0\">\n"
" <object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\""
" allowed_cpuset=\"0x3\" nodeset=\"0x7\" complete_nodeset=\"0x7\""
" allowed_nodeset=\"0x7\" gp_index=\"1\">\n"
"  <object type=\"NUMANode\" os_index=\"2\" cpuset=\"0x3\" complete_cpuset=\"0x3\""
" nodeset=\"0x4\" complete_nodeset=\"0x4\" gp_index=\"7\" local_memory=\"4096\"/>\n"
"  <object type=\"Group\" cpuset=\"0x1\" complete_cpuset=\"0x1\" nodeset=\"0x5\""
" complete_nodeset=\"0x5\" gp_index=\"2\">\n"
"   <object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
" nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"3\" local_memory=\"4096\"/>\n"
"   <object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
" nodeset=\"0x5\" complete_nodeset=\"0x5\" gp_index=\"4\"/>\n"
"  </object>\n"
"  <object type=\"Group\" cpuset=\"0x2\" complete_cpuset=\"0x2\" nodeset=\"0x6\""
" complete_nodeset=\"0x6\" gp_index=\"5\">\n"
"   <object type=\"NUMANode\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\""
" nodeset=\"0x2\" complete_nodeset=\"0x2\" gp_index=\"8\" local_memory=\"4096\"/>\n"
"   <object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\""
" nodeset=\"0x6\" complete_nodeset=\"0x6\" gp_index=\"6\"/>\n"
"  </object>\n"
" </object>\n"
" <distances2 type=\"NUMANode\" nbobjs=\"3\" kind=\"5\" name=\"NUMALatency\""
" indexing=\"os\">\n"
"  <indexes length=\"6\">0 1 2 </indexes>\n"
"  <u64values length=\"27\">10 30 20 30 10 20 20 20 10 </u64values>\n"
" </distances2>\n"
"</topology>\n";

static void far_by_distance(void **state)
{
	char path[] = "/tmp/u-topo-XXXXXX";
	struct reason why = { "" };
	int fd = mkstemp(path);
	struct topo *t;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, machine_xml, sizeof(machine_xml) - 1),
			 (ssize_t)sizeof(machine_xml) - 1);
	close(fd);
	setenv("HWLOC_XMLFILE", path, 1);
	t = topo_plan("cross-node", 1, 0, &why);
	unsetenv("HWLOC_XMLFILE");
	unlink(path);
	if (!t)
		fail_msg("%s", why.text);
	/* Node 2 is the last, node 1 the farthest from CPU 0. */
	assert_string_equal(topo_text(t), "vcpu0@0 memory@node1");
	topo_free(t);
}

/* The real machine: pin, bind, and find the pages again. */
static void acting(void **state)
{
	const size_t bytes = 64 * 4096;
	struct reason why = { "" };
	struct topo_thread nowhere = { .name = "vcpu0", .cpu = 4095 };
	struct topo *t = topo_plan("compact", 1, 0, &why);
	size_t counts[4] = { 0 };
	void *mem;

	if (!t)
		fail_msg("%s", why.text);
	if (topo_pin_self(topo_vcpu(t, 0), &why))
		fail_msg("%s", why.text);
	assert_int_equal(sched_getcpu(), topo_vcpu(t, 0)->cpu);
	assert_int_not_equal(topo_pin_self(&nowhere, &why), 0);
	assert_non_null(strstr(why.text, "CPU 4095"));
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(mem, MAP_FAILED);
	assert_int_equal(topo_bind_memory(mem, bytes, 0, &why), 0);
	assert_int_equal(topo_bind_memory(mem, bytes, -1, &why), 0);
	memset(mem, 1, bytes);
	assert_int_equal(topo_count_nodes(mem, bytes, counts, 4, &why), 0);
	assert_int_equal(counts[0], 64);
	if (topo_nr_nodes() == 1) {
		assert_int_equal(topo_bind_memory(mem, bytes, 1, &why), -EINVAL);
		assert_non_null(strstr(why.text, "node 1"));
	}
	munmap(mem, bytes);
	topo_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
		cmocka_unit_test(an_agent_has_a_name),
		cmocka_unit_test(pinning_can_be_undone),
		cmocka_unit_test(threads_know_their_node),
		cmocka_unit_test(far_by_distance),
		cmocka_unit_test(acting),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("topo", tests, NULL, NULL);
}
