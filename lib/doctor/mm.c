// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the host's memory management act on guest pages behind a run's back?
 *
 * Method: the control files of each mechanism; one function per check, see
 * the table in doctor.c for why each matters.
 */
#include <stdio.h>
#include <string.h>

#include "host/host.h"
#include "internal.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

void doctor_mm_numa_balancing(struct doctor_result *res)
{
	uint64_t on;

	if (host_read_u64("/proc/sys/kernel/numa_balancing", &on))
		doctor_set(res, DOCTOR_OK, "not in this kernel");
	else
		doctor_set(res, on ? DOCTOR_WARN : DOCTOR_OK, "%s",
			   on ? "on" : "off");
}

void doctor_mm_lru_gen(struct doctor_result *res)
{
	uint64_t bits;

	if (host_read_u64("/sys/kernel/mm/lru_gen/enabled", &bits))
		doctor_set(res, DOCTOR_OK, "not in this kernel");
	else if (!bits)
		doctor_set(res, DOCTOR_OK, "off");
	else if (host_exists("/sys/kernel/debug/lru_gen"))
		doctor_set(res, DOCTOR_OK, "on (0x%llx), controlled by debugfs",
			   (unsigned long long)bits);
	else
		doctor_set(res, DOCTOR_WARN, "on (0x%llx), debugfs out of reach",
			   (unsigned long long)bits);
}

void doctor_mm_thp(struct doctor_result *res)
{
	char mode[32];

	if (host_read_choice(THP "enabled", mode, sizeof(mode)) < 0)
		doctor_set(res, DOCTOR_OK, "not in this kernel");
	else if (!strcmp(mode, "madvise"))
		doctor_set(res, DOCTOR_OK, "madvise");
	else if (!strcmp(mode, "always"))
		doctor_set(res, DOCTOR_WARN,
			   "always: affects even memory that is meant to have 4K pages");
	else
		doctor_set(res, DOCTOR_WARN,
			   "%s: the anonymous_thp backing gets 4K pages", mode);
}

void doctor_mm_khugepaged(struct doctor_result *res)
{
	uint64_t defrag, sleep_ms = 0;
	char mode[32];

	if (host_read_choice(THP "enabled", mode, sizeof(mode)) < 0 ||
	    !strcmp(mode, "never") ||
	    host_read_u64(THP "khugepaged/defrag", &defrag)) {
		doctor_set(res, DOCTOR_OK, "not running");
		return;
	}
	host_read_u64(THP "khugepaged/scan_sleep_millisecs", &sleep_ms);
	if (defrag)
		doctor_set(res, DOCTOR_WARN, "scans every %llu ms",
			   (unsigned long long)sleep_ms);
	else
		doctor_set(res, DOCTOR_OK, "does not collapse pages");
}

void doctor_mm_ksm(struct doctor_result *res)
{
	uint64_t run, merged = 0;

	if (host_read_u64("/sys/kernel/mm/ksm/run", &run)) {
		doctor_set(res, DOCTOR_OK, "not in this kernel");
		return;
	}
	host_read_u64("/sys/kernel/mm/ksm/pages_shared", &merged);
	doctor_set(res, run == 1 ? DOCTOR_WARN : DOCTOR_OK,
		   "%s, %llu pages shared", run == 1 ? "running" : "stopped",
		   (unsigned long long)merged);
}

static uint64_t free_hugepages(const char *dir)
{
	char path[160];
	uint64_t nr = 0;

	snprintf(path, sizeof(path), "%s/free_hugepages", dir);
	return host_read_u64(path, &nr) ? 0 : nr;
}

void doctor_mm_hugepages(struct doctor_result *res)
{
	static const char dir[] = "/sys/kernel/mm/hugepages";
	uint64_t small, big;
	int len = 0, node;
	char text[120] = "", path[128];

	if (!host_exists(dir)) {
		doctor_set(res, DOCTOR_WARN, "no hugetlb in this kernel");
		return;
	}
	small = free_hugepages("/sys/kernel/mm/hugepages/hugepages-2048kB");
	big = free_hugepages("/sys/kernel/mm/hugepages/hugepages-1048576kB");
	for (node = 0; node < 1024 && len < 80; node++) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB",
			 node);
		if (!host_exists(path))
			break;
		len += snprintf(text + len, sizeof(text) - len, " node%d=%llu",
				node, (unsigned long long)free_hugepages(path));
	}
	doctor_set(res, small ? DOCTOR_OK : DOCTOR_WARN,
		   "free: 2M %llu, 1G %llu%s%s", (unsigned long long)small,
		   (unsigned long long)big, len ? "; 2M by node:" : "", text);
}

void doctor_mm_swap(struct doctor_result *res)
{
	char text[512];
	int len = host_read("/proc/swaps", text, sizeof(text));

	if (len < 0)
		doctor_set(res, DOCTOR_OK, "not in this kernel");
	else if (strchr(text, '\n'))	/* more than the heading */
		doctor_set(res, DOCTOR_WARN, "on: %.60s",
			   strchr(text, '\n') + 1);
	else
		doctor_set(res, DOCTOR_OK, "off");
}

void doctor_mm_aging(struct doctor_result *res)
{
	bool idle = host_exists("/sys/kernel/mm/page_idle/bitmap");
	bool mglru = host_exists("/sys/kernel/debug/lru_gen");
	bool damon = host_exists("/sys/kernel/mm/damon/admin");

	if (!idle && !mglru && !damon)
		doctor_set(res, DOCTOR_WARN, "none: no page_idle, lru_gen, DAMON");
	else
		doctor_set(res, idle || mglru ? DOCTOR_OK : DOCTOR_WARN,
			   "%s%s%s", mglru ? "lru_gen " : "",
			   idle ? "page_idle " : "", damon ? "DAMON" : "");
}
