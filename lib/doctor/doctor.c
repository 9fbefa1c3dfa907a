// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this host fit to be measured, and what would make it fitter?
 *
 * Method: a table of checks; each reads a few files and judges one property.
 * Nothing is changed: the fix is told, the user decides.
 *
 * Cannot tell: whether a property mattered in a run; the result records do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "internal.h"

const struct doctor_check doctor_checks[] = {
	{ "kvm_access", "without /dev/kvm only emulated hosts can be measured",
	  "modprobe kvm_intel or kvm_amd; usermod -aG kvm $USER",
	  doctor_kvm_access },
	{ "kvm_paging", "decides which of KVM's MMUs is measured, and which faults exist",
	  "reload the module with kvm_intel.ept=1 or kvm_amd.npt=1, kvm.tdp_mmu=1",
	  doctor_kvm_paging },
	{ "kvm_engine", "tells which MMU is measured: stock KVM's or the replacement",
	  "unload the kvm modules (modprobe -r) and load the intended ones",
	  doctor_kvm_engine },
	{ "kvm_nx_recovery", "a worker zaps huge-page mappings behind the test's back",
	  "echo 0 >/sys/module/kvm/parameters/nx_huge_pages_recovery_ratio",
	  doctor_kvm_nx_recovery },
	{ "aging_interface", "access tracking needs an interface that reports accessed pages",
	  "boot a kernel with CONFIG_IDLE_PAGE_TRACKING, or with CONFIG_LRU_GEN and debugfs mounted",
	  doctor_mm_aging },
	{ "numa_balancing", "its scanner unmaps guest pages: extra faults, lost accessed bits",
	  "sysctl kernel.numa_balancing=0", doctor_mm_numa_balancing },
	{ "lru_gen", "multi-gen LRU ages pages itself; page_idle then misses some accesses",
	  "echo n >/sys/kernel/mm/lru_gen/enabled (to use page_idle)",
	  doctor_mm_lru_gen },
	{ "thp", "decides the host page size of anonymous memory",
	  "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled",
	  doctor_mm_thp },
	{ "khugepaged", "collapses pages into huge ones during a run",
	  "echo 0 >/sys/kernel/mm/transparent_hugepage/khugepaged/defrag",
	  doctor_mm_khugepaged },
	{ "ksm", "merging write-protects and remaps guest pages",
	  "echo 0 >/sys/kernel/mm/ksm/run", doctor_mm_ksm },
	{ "hugepages", "the hugetlb backings need free huge pages",
	  "echo 512 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
	  doctor_mm_hugepages },
	{ "swap", "swapping unmaps guest pages", "swapoff -a", doctor_mm_swap },
	{ "governor", "with a varying clock the same work takes different times",
	  "cpupower frequency-set -g performance", doctor_cpu_governor },
	{ "turbo", "with turbo the clock depends on heat and on what other cores do",
	  "echo 1 >/sys/devices/system/cpu/intel_pstate/no_turbo or echo 0 >/sys/devices/system/cpu/cpufreq/boost",
	  doctor_cpu_turbo },
	{ "cstates", "waking from a deep idle state shows in the tail of every latency",
	  "cpupower idle-set -D 10, or hold /dev/cpu_dma_latency at 0",
	  doctor_cpu_cstates },
	{ "smt", "two threads of one core share its TLB and its caches",
	  "echo off >/sys/devices/system/cpu/smt/control, or --place spread",
	  doctor_cpu_smt },
	{ "isolcpus", "other tasks on the same CPUs show in the tail of every latency",
	  "boot with isolcpus=, or confine the system to other CPUs with cset",
	  doctor_cpu_isolated },
	{ "cpu_limits", "a cpuset or a CPU quota throttles vCPUs during a run",
	  "run outside the container or raise cpu.max and cpuset.cpus",
	  doctor_cpu_limits },
	{ "microcode", "decides mitigations and page-walk behaviour; must be the same on all CPUs",
	  "install intel-microcode or amd64-microcode and reboot",
	  doctor_cpu_microcode },
	{ "steal", "time that the hypervisor gives to others counts as guest latency",
	  "use a dedicated host, or one with less load", doctor_cpu_steal },
	{ "hypervisor", "TLBs and the cost of nested paging differ from those of the hardware",
	  NULL, doctor_cpu_hypervisor },
	{ "other_vms", "other guests share the CPUs, the caches and the memory",
	  "stop the other virtual machines", doctor_kvm_other_vms },
	{ "mitigations", "mitigations are part of the cost of an exit; compare like with like",
	  NULL, doctor_cpu_mitigations },
	{ "debug_config", "kernel debug options cost more than what is measured",
	  "boot a kernel without them (they are right for correctness runs)",
	  doctor_kvm_debug_config },
	{ "taint", "the kernel has warned or crashed, or runs modules of unknown origin",
	  "check dmesg, then reboot", doctor_kvm_taint },
	{ "leftovers", "an earlier run was killed before it restored host settings",
	  "mmubench restore", doctor_kvm_journal },
	{ NULL },
};

void doctor_set(struct doctor_result *res, enum doctor_state state,
		const char *fmt, ...)
{
	va_list ap;

	res->state = state;
	va_start(ap, fmt);
	vsnprintf(res->found, sizeof(res->found), fmt, ap);
	va_end(ap);
}

bool doctor_cpu_flag(const char *flag)
{
	char path[4096], *line = NULL, *p;
	size_t size = 0, len = strlen(flag);
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", host_root());
	f = fopen(path, "re");
	while (f && !found && getline(&line, &size, f) > 1) {
		if (strncmp(line, "flags", 5))
			continue;
		for (p = line; !found && (p = strstr(p, flag)); p += len)
			found = p[-1] == ' ' && (p[len] == ' ' || p[len] == '\n');
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}
