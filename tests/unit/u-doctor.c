// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does each environment check tell a fit host from an unfit one?
 *
 * Method: a row per check and condition: the files of a host, the expected
 * state, a part of what was found.  The environment record is read from the
 * same trees.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "doctor/doctor.h"
#include "host/host.h"
#include "fixture.h"

#define CPU "/sys/devices/system/cpu/"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define KVM "/sys/module/kvm/parameters/"
#define INTEL "/sys/module/kvm_intel/parameters/"

struct row {
	const char *check;
	struct {
		const char *path, *text;
	} files[6];
	enum doctor_state state;
	const char *found;
};

static const struct row rows[] = {
	{ "kvm_access", { { NULL } }, DOCTOR_BAD, "no /dev/kvm" },
	{ "kvm_access", { { "/dev/kvm", "" } }, DOCTOR_OK, "opens" },
	{ "kvm_paging", { { NULL } }, DOCTOR_UNKNOWN, "not loaded" },
	{ "kvm_paging", { { KVM "tdp_mmu", "Y\n" } }, DOCTOR_WARN, "shadow" },
	{ "kvm_paging",
	  { { KVM "tdp_mmu", "Y\n" }, { INTEL "ept", "Y\n" },
	    { INTEL "eptad", "N\n" } },
	  DOCTOR_OK, "A/D bits off" },
	{ "kvm_paging", { { KVM "tdp_mmu", "N\n" }, { INTEL "ept", "N\n" } },
	  DOCTOR_WARN, "EPT off" },
	{ "kvm_paging",
	  { { KVM "tdp_mmu", "Y\n" },
	    { "/sys/module/kvm_amd/parameters/npt", "1\n" } },
	  DOCTOR_OK, "NPT on" },
	{ "kvm_engine", { { NULL } }, DOCTOR_UNKNOWN, "not loaded" },
	{ "kvm_engine", { { KVM "tdp_mmu", "N\n" } }, DOCTOR_OK, "stock" },
	{ "kvm_engine", { { KVM "mmu_engine", "own\n" } }, DOCTOR_OK, "own" },
	{ "kvm_nx_recovery", { { KVM "nx_huge_pages", "N\n" } }, DOCTOR_OK,
	  "off" },
	{ "kvm_nx_recovery",
	  { { KVM "nx_huge_pages", "Y\n" },
	    { KVM "nx_huge_pages_recovery_ratio", "60\n" } },
	  DOCTOR_WARN, "60" },
	{ "aging_interface", { { NULL } }, DOCTOR_WARN, "none" },
	{ "aging_interface", { { "/sys/kernel/mm/page_idle/bitmap", "" } },
	  DOCTOR_OK, "page_idle" },
	{ "numa_balancing", { { NULL } }, DOCTOR_OK, "not in" },
	{ "numa_balancing", { { "/proc/sys/kernel/numa_balancing", "1\n" } },
	  DOCTOR_WARN, "on" },
	{ "lru_gen", { { "/sys/kernel/mm/lru_gen/enabled", "0x0000\n" } },
	  DOCTOR_OK, "off" },
	{ "lru_gen", { { "/sys/kernel/mm/lru_gen/enabled", "0x0007\n" } },
	  DOCTOR_WARN, "0x7" },
	{ "lru_gen",
	  { { "/sys/kernel/mm/lru_gen/enabled", "0x0007\n" },
	    { "/sys/kernel/debug/lru_gen", "" } },
	  DOCTOR_OK, "debugfs" },
	{ "thp", { { THP "enabled", "always [madvise] never\n" } }, DOCTOR_OK,
	  "madvise" },
	{ "thp", { { THP "enabled", "[always] madvise never\n" } }, DOCTOR_WARN,
	  "always" },
	{ "thp", { { THP "enabled", "always madvise [never]\n" } }, DOCTOR_WARN,
	  "never" },
	{ "khugepaged", { { THP "enabled", "always madvise [never]\n" } },
	  DOCTOR_OK, "not running" },
	{ "khugepaged",
	  { { THP "enabled", "[always] madvise never\n" },
	    { THP "khugepaged/defrag", "1\n" },
	    { THP "khugepaged/scan_sleep_millisecs", "10000\n" } },
	  DOCTOR_WARN, "10000 ms" },
	{ "ksm", { { "/sys/kernel/mm/ksm/run", "1\n" } }, DOCTOR_WARN, "running" },
	{ "ksm", { { "/sys/kernel/mm/ksm/run", "0\n" } }, DOCTOR_OK, "stopped" },
	{ "hugepages",
	  { { "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "9\n" } },
	  DOCTOR_OK, "2M 9, 1G 0" },
	{ "hugepages",
	  { { "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n" } },
	  DOCTOR_WARN, "2M 0" },
	{ "swap", { { "/proc/swaps", "Filename Type Size\n" } }, DOCTOR_OK, "off" },
	{ "swap", { { "/proc/swaps", "Filename Type Size\n/dev/sda2 p 1\n" } },
	  DOCTOR_WARN, "/dev/sda2" },
	{ "governor", { { CPU "cpu0/x", "" } }, DOCTOR_UNKNOWN, "no frequency" },
	{ "governor",
	  { { CPU "cpu0/cpufreq/scaling_governor", "performance\n" },
	    { CPU "cpu1/cpufreq/scaling_governor", "schedutil\n" } },
	  DOCTOR_WARN, "1 of 2" },
	{ "governor",
	  { { CPU "cpu0/cpufreq/scaling_governor", "performance\n" } },
	  DOCTOR_OK, "0 of 1" },
	{ "turbo", { { CPU "intel_pstate/no_turbo", "0\n" } }, DOCTOR_WARN, "on" },
	{ "turbo", { { CPU "cpufreq/boost", "0\n" } }, DOCTOR_OK, "off" },
	{ "cstates",
	  { { CPU "cpu0/cpuidle/state0/latency", "0\n" },
	    { CPU "cpu0/cpuidle/state0/name", "POLL\n" },
	    { CPU "cpu0/cpuidle/state1/latency", "133\n" },
	    { CPU "cpu0/cpuidle/state1/name", "C6\n" } },
	  DOCTOR_WARN, "C6, 133 us" },
	{ "cstates",
	  { { CPU "cpu0/cpuidle/state0/latency", "0\n" },
	    { CPU "cpu0/cpuidle/state0/name", "POLL\n" },
	    { CPU "cpu0/cpuidle/state1/latency", "133\n" },
	    { CPU "cpu0/cpuidle/state1/name", "C6\n" },
	    { CPU "cpu0/cpuidle/state1/disable", "1\n" } },
	  DOCTOR_OK, "POLL" },
	{ "smt", { { CPU "smt/active", "1\n" } }, DOCTOR_WARN, "on" },
	{ "smt", { { CPU "smt/active", "0\n" } }, DOCTOR_OK, "off" },
	{ "isolcpus", { { CPU "isolated", "\n" } }, DOCTOR_WARN, "no isolated" },
	{ "isolcpus", { { CPU "isolated", "2-7\n" } }, DOCTOR_OK, "2-7" },
	{ "cpu_limits", { { "/sys/fs/cgroup/cpu.max", "20000 100000\n" } },
	  DOCTOR_WARN, "20000 100000" },
	{ "cpu_limits", { { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "5000\n" } },
	  DOCTOR_WARN, "5000" },
	{ "microcode",
	  { { "/proc/cpuinfo", "microcode\t: 0x2b\n\nmicrocode\t: 0x2c\n" } },
	  DOCTOR_BAD, "differ" },
	{ "microcode",
	  { { "/proc/cpuinfo", "microcode\t: 0x2b\n\nmicrocode\t: 0x2b\n" } },
	  DOCTOR_OK, "0x2b" },
	{ "microcode", { { "/proc/cpuinfo", "microcode\t: 0x1\n" } },
	  DOCTOR_UNKNOWN, "hidden" },
	{ "steal", { { "/proc/stat", "cpu 10 0 10 970 0 0 0 10 0 0\n" } },
	  DOCTOR_WARN, "1.00 %" },
	{ "steal", { { "/proc/stat", "cpu 10 0 10 970 0 0 0 0 0 0\n" } },
	  DOCTOR_OK, "0.00 %" },
	{ "steal", { { NULL } }, DOCTOR_UNKNOWN, "not visible" },
	{ "hypervisor",
	  { { "/proc/cpuinfo", "flags\t\t: fpu hypervisor vme\n" } },
	  DOCTOR_WARN, "itself a guest" },
	{ "hypervisor",
	  { { "/proc/cpuinfo", "flags\t\t: fpu hypervisory vme\n" } },
	  DOCTOR_OK, "none" },
	{ "mitigations",
	  { { CPU "vulnerabilities/mds", "Mitigation: x\n" },
	    { CPU "vulnerabilities/l1tf", "Vulnerable\n" } },
	  DOCTOR_OK, "1 mitigated, 1 vulnerable" },
	{ "mitigations", { { "/proc/cmdline", "quiet mitigations=off\n" } },
	  DOCTOR_WARN, "command line" },
	{ "debug_config", { { "/proc/config.gz", "not gzip" } }, DOCTOR_UNKNOWN,
	  "cannot unpack" },
	{ "taint", { { "/proc/sys/kernel/tainted", "512\n" } }, DOCTOR_WARN, "W" },
	{ "taint", { { "/proc/sys/kernel/tainted", "4097\n" } }, DOCTOR_OK, "PO" },
	{ "taint", { { "/proc/sys/kernel/tainted", "0\n" } }, DOCTOR_OK, "none" },
	{ "leftovers", { { NULL } }, DOCTOR_OK, "none" },
	{ "leftovers",
	  { { "/state/4194305.journal", "mmubench-journal 1\t4194305\t5\tb\n" } },
	  DOCTOR_BAD, "1 journals" },
};

static const struct doctor_check *find_check(const char *name)
{
	const struct doctor_check *c;

	for (c = doctor_checks; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	fail_msg("no check called %s", name);
	return NULL;
}

static void check_row(const struct row *r)
{
	struct doctor_result res = { DOCTOR_UNKNOWN, "" };
	char state_dir[128];
	size_t i;

	fixture_begin();
	snprintf(state_dir, sizeof(state_dir), "%s/state", fixture_dir());
	setenv("MMUBENCH_STATE", state_dir, 1);
	for (i = 0; i < 6 && r->files[i].path; i++)
		fixture_file(r->files[i].path, r->files[i].text);
	find_check(r->check)->run(&res);
	fixture_end();
	if (res.state != r->state || !strstr(res.found, r->found))
		fail_msg("%s: state %d, found '%s', expected %d, '%s'",
			 r->check, res.state, res.found, r->state, r->found);
}

static void conditions(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* Every check has a row, says why it matters, and survives an empty host. */
static void completeness(void **state)
{
	const struct doctor_check *c;
	struct doctor_result res;
	size_t i;
	int seen;

	fixture_begin();
	for (c = doctor_checks; c->name; c++) {
		for (i = 0, seen = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			seen |= !strcmp(rows[i].check, c->name);
		if (!seen && strcmp(c->name, "other_vms"))
			fail_msg("check %s has no test", c->name);
		assert_true(c->why && *c->why);
		memset(&res, 0, sizeof(res));
		c->run(&res);
		assert_true(res.found[0] != '\0');
	}
	fixture_end();
}

static void other_machines(void **state)
{
	struct doctor_result res;
	char link[200];

	fixture_begin();
	fixture_file("/proc/1234567/fd/3", "");
	snprintf(link, sizeof(link), "%s/proc/1234567/fd/11", fixture_dir());
	assert_int_equal(symlink("anon_inode:kvm-vm", link), 0);
	snprintf(link, sizeof(link), "%s/proc/1234567/fd/12", fixture_dir());
	assert_int_equal(symlink("anon_inode:kvm-vcpu:0", link), 0);
	find_check("other_vms")->run(&res);
	fixture_end();
	assert_int_equal(res.state, DOCTOR_WARN);
	assert_string_equal(res.found, "1 other virtual machines visible");
}

static void packed_config(void **state)
{
	struct doctor_result res;
	char cmd[300];

	fixture_begin();
	fixture_file("/proc/config", "CONFIG_KVM=y\nCONFIG_KASAN=y\n"
		     "# CONFIG_KCSAN is not set\nCONFIG_KASAN_INLINE=y\n");
	snprintf(cmd, sizeof(cmd), "gzip %s/proc/config", fixture_dir());
	assert_int_equal(system(cmd), 0);
	find_check("debug_config")->run(&res);
	fixture_end();
	assert_int_equal(res.state, DOCTOR_WARN);
	assert_string_equal(res.found, "KASAN");
}

static const char *text_at(json_t *env, const char *group, const char *key)
{
	return json_string_value(json_object_get(json_object_get(env, group),
						 key));
}

static void environment(void **state)
{
	json_t *env, *flags;

	fixture_begin();
	fixture_file("/proc/cpuinfo",
		     "vendor_id\t: GenuineIntel\nmodel\t\t: 26\n"
		     "model name\t: A CPU @ 2 GHz\nmicrocode\t: 0x2b\n"
		     "flags\t\t: fpu vmx ept epts\n\nvendor_id\t: Other\n");
	fixture_file("/proc/meminfo", "MemTotal:   2048 kB\nOther: 1 kB\n");
	fixture_file(KVM "tdp_mmu", "Y\n");
	fixture_file(CPU "vulnerabilities/mds", "Not affected\n");
	fixture_file(THP "enabled", "always [madvise] never\n");
	fixture_file("/sys/class/dmi/id/sys_vendor", "\xff\xfe\n");
	env = host_env_json();
	fixture_end();
	assert_string_equal(text_at(env, "cpu", "vendor"), "GenuineIntel");
	assert_string_equal(text_at(env, "cpu", "model"), "A CPU @ 2 GHz");
	assert_string_equal(text_at(env, "cpu", "model_number"), "26");
	assert_string_equal(text_at(env, "cpu", "microcode"), "0x2b");
	flags = json_object_get(json_object_get(env, "cpu"), "flags");
	assert_int_equal(json_array_size(flags), 2);
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(env, "memory"), "MemTotal")), 2048);
	assert_string_equal(json_string_value(json_object_get(
		json_object_get(json_object_get(env, "kvm"), "kvm"),
		"tdp_mmu")), "Y");
	assert_string_equal(text_at(env, "mitigations", "mds"), "Not affected");
	assert_string_equal(text_at(env, "mm", "thp_enabled"), "madvise");
	assert_string_equal(text_at(env, "machine", "vendor"), "(not text)");
	assert_null(text_at(env, "mm", "ksm_run"));
	json_decref(env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(completeness),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(packed_config),
		cmocka_unit_test(environment),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
