// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the host's CPUs run at one speed, undisturbed, and all the same?
 *
 * Method: cpufreq, cpuidle, topology and cgroup files; /proc/stat for steal
 * time.  One function per check, see the table in doctor.c.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "internal.h"

#define CPU "/sys/devices/system/cpu/"
#define MAX_CPUS 4096	/* stops the walk over cpuN directories */

static FILE *open_file(const char *path)
{
	char full[4096];

	snprintf(full, sizeof(full), "%s%s", host_root(), path);
	return fopen(full, "re");
}

void doctor_cpu_governor(struct doctor_result *res)
{
	char path[128], name[64], first[64] = "";
	int cpu, others = 0;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		snprintf(path, sizeof(path), CPU "cpu%d", cpu);
		if (!host_exists(path))
			break;
		snprintf(path, sizeof(path), CPU "cpu%d/cpufreq/scaling_governor",
			 cpu);
		if (host_read(path, name, sizeof(name)) < 0)
			continue;
		if (!first[0])
			memcpy(first, name, sizeof(first));
		others += strcmp(name, "performance") != 0;
	}
	if (!first[0])
		doctor_set(res, DOCTOR_UNKNOWN, "no frequency control visible");
	else
		doctor_set(res, others ? DOCTOR_WARN : DOCTOR_OK,
			   "cpu0 %s; %d of %d CPUs not performance", first,
			   others, cpu);
}

void doctor_cpu_turbo(struct doctor_result *res)
{
	uint64_t v;

	if (!host_read_u64(CPU "intel_pstate/no_turbo", &v))
		doctor_set(res, v ? DOCTOR_OK : DOCTOR_WARN, "%s",
			   v ? "off" : "on");
	else if (!host_read_u64(CPU "cpufreq/boost", &v))
		doctor_set(res, v ? DOCTOR_WARN : DOCTOR_OK, "%s",
			   v ? "on" : "off");
	else
		doctor_set(res, DOCTOR_UNKNOWN, "no turbo control visible");
}

void doctor_cpu_cstates(struct doctor_result *res)
{
	char path[128], name[32], deepest[32] = "";
	uint64_t latency_us, disabled, worst_us = 0;
	int i;

	for (i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), CPU "cpu0/cpuidle/state%d/latency", i);
		if (host_read_u64(path, &latency_us))
			break;
		snprintf(path, sizeof(path), CPU "cpu0/cpuidle/state%d/disable", i);
		if (!host_read_u64(path, &disabled) && disabled)
			continue;
		snprintf(path, sizeof(path), CPU "cpu0/cpuidle/state%d/name", i);
		if (latency_us < worst_us ||
		    host_read(path, name, sizeof(name)) < 0)
			continue;
		worst_us = latency_us;
		memcpy(deepest, name, sizeof(deepest));
	}
	if (!i)
		doctor_set(res, DOCTOR_UNKNOWN, "no idle states visible");
	else	/* 10 us: chosen, about a C1E exit; 2 to 50 would do */
		doctor_set(res, worst_us > 10 ? DOCTOR_WARN : DOCTOR_OK,
			   "deepest enabled %s, %llu us to wake", deepest,
			   (unsigned long long)worst_us);
}

void doctor_cpu_smt(struct doctor_result *res)
{
	uint64_t active;

	if (host_read_u64(CPU "smt/active", &active))
		doctor_set(res, DOCTOR_UNKNOWN, "not visible");
	else
		doctor_set(res, active ? DOCTOR_WARN : DOCTOR_OK, "%s",
			   active ? "on" : "off");
}

void doctor_cpu_isolated(struct doctor_result *res)
{
	char list[100];
	int len = host_read(CPU "isolated", list, sizeof(list));

	if (len < 0)
		doctor_set(res, DOCTOR_UNKNOWN, "not visible");
	else if (!len)
		doctor_set(res, DOCTOR_WARN, "no isolated CPUs");
	else
		doctor_set(res, DOCTOR_OK, "isolated: %s", list);
}

/* cgroup v2 "max 100000" or "20000 100000"; v1 quota -1 or microseconds. */
static bool has_quota(char *text, size_t size)
{
	if (host_read("/sys/fs/cgroup/cpu.max", text, size) > 0)
		return strncmp(text, "max", 3) != 0;
	if (host_read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", text, size) > 0)
		return text[0] != '-';
	return false;
}

void doctor_cpu_limits(struct doctor_result *res)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	char quota[64] = "";
	cpu_set_t set;
	int usable = online;

	if (!sched_getaffinity(0, sizeof(set), &set))
		usable = CPU_COUNT(&set);
	if (has_quota(quota, sizeof(quota)))
		doctor_set(res, DOCTOR_WARN, "CPU quota %s", quota);
	else
		doctor_set(res, usable < online ? DOCTOR_WARN : DOCTOR_OK,
			   "%d of %ld online CPUs usable, no quota", usable,
			   online);
}

void doctor_cpu_microcode(struct doctor_result *res)
{
	char line[4096], first[32] = "", value[32];
	int differ = 0;
	FILE *f = open_file("/proc/cpuinfo");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "microcode : %31s", value) != 1)
			continue;
		if (!first[0])
			memcpy(first, value, sizeof(first));
		differ |= strcmp(first, value);
	}
	if (f)
		fclose(f);
	if (!first[0])
		doctor_set(res, DOCTOR_UNKNOWN, "not visible");
	else if (differ)
		doctor_set(res, DOCTOR_BAD, "CPUs differ, the first has %s", first);
	else if (!strcmp(first, "0x1") || !strcmp(first, "0xffffffff"))
		doctor_set(res, DOCTOR_UNKNOWN, "%s: hidden by a hypervisor",
			   first);
	else
		doctor_set(res, DOCTOR_OK, "%s on all CPUs", first);
}

/* Since boot: reading twice would make this check sleep. */
void doctor_cpu_steal(struct doctor_result *res)
{
	unsigned long long t[8] = { 0 }, sum = 0;
	FILE *f = open_file("/proc/stat");
	double pct;
	int i, n = 0;

	if (f) {
		n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
			   &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6],
			   &t[7]);
		fclose(f);
	}
	for (i = 0; i < 8; i++)
		sum += t[i];
	if (n != 8 || !sum) {
		doctor_set(res, DOCTOR_UNKNOWN, "not visible");
		return;
	}
	pct = 100.0 * t[7] / sum;
	/* 0.1 %: chosen; that much can be all of a p99.9 */
	doctor_set(res, pct >= 0.1 ? DOCTOR_WARN : DOCTOR_OK,
		   "%.2f %% of all time since boot", pct);
}

void doctor_cpu_hypervisor(struct doctor_result *res)
{
	char product[64];

	if (!doctor_cpu_flag("hypervisor")) {
		doctor_set(res, DOCTOR_OK, "none seen");
		return;
	}
	if (host_read("/sys/class/dmi/id/sys_vendor", product,
		      sizeof(product)) <= 0)
		snprintf(product, sizeof(product), "unnamed");
	doctor_set(res, DOCTOR_WARN, "this host is itself a guest (%s)", product);
}

void doctor_cpu_mitigations(struct doctor_result *res)
{
	static const char *const names[] = {
		"meltdown", "l1tf", "mds", "spectre_v1", "spectre_v2",
		"spec_store_bypass", "tsx_async_abort", "itlb_multihit",
		"srbds", "mmio_stale_data", "retbleed", "spec_rstack_overflow",
		"gather_data_sampling", "reg_file_data_sampling",
		"indirect_target_selection", "tsa", "vmscape",
	};
	int vulnerable = 0, mitigated = 0;
	char path[128], text[256], cmdline[2048];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), CPU "vulnerabilities/%s", names[i]);
		if (host_read(path, text, sizeof(text)) < 0)
			continue;
		vulnerable += !strncmp(text, "Vulnerable", 10);
		mitigated += strstr(text, "Mitigation") != NULL;
	}
	if (host_read("/proc/cmdline", cmdline, sizeof(cmdline)) > 0 &&
	    strstr(cmdline, "mitigations=off"))
		doctor_set(res, DOCTOR_WARN, "switched off on the command line");
	else
		doctor_set(res, DOCTOR_OK, "%d mitigated, %d vulnerable",
			   mitigated, vulnerable);
}
