// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stays behind, see leak.h.
 *
 * The counters are KVM's own (pages_4k and its like): with all memslots under
 * test deleted, what is left must be what the harness itself keeps mapped, 4K
 * pages only, and no more than it has.  SecPageTables of /proc/meminfo counts
 * the tables of every VM on the host, so it is judged only if it comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/timing.h"
#include "host/host.h"
#include "leak.h"
#include "probe/kstat.h"
#include "record/place.h"

#define PATIENCE_NS 3000000000ull	/* RCU and work queues; chosen */

static uint64_t table_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	uint64_t kib = 0, value;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SecPageTables: %" SCNu64, &value) == 1)
			kib = value;
	if (f)
		fclose(f);
	return kib;
}

int leak_begin(struct leak *l, struct reason *why)
{
	l->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->kmsg >= 0)
		lseek(l->kmsg, 0, SEEK_END);
	l->table_kib = table_kib();
	return 0;
}

static int64_t mapped(const struct world *w, const char *name)
{
	struct kstat_snap *snap = kstat_snap(w->rig->kstat);
	int64_t value = kstat_value(snap, name);

	kstat_snap_free(snap);
	return value;
}

void leak_judge_mappings(struct leak *l, struct world *w)
{
	static const char *const names[] = { "pages_2m", "pages_1g", "pages_4k" };
	/* Tables, code, stacks and the shared memory stay. */
	int64_t most = w->rig->aux_bytes / 4096 + 4096, left;
	struct reason why;
	unsigned int i;

	if (!w->rig->kstat)
		return;
	if (w->has_log)
		dirty_stop(&w->log, NULL);
	if (world_plants(w, "leak"))
		most = 0;
	else if (rig_delete_slots(w->rig, &why)) {
		world_alarm(w, "leak", UINT32_MAX, "%s", why.text);
		return;
	}
	for (i = 0; i < 3; i++) {
		left = mapped(w, names[i]);
		if (left > (i == 2 ? most : 0) || left < 0)
			world_alarm(w, "leak", UINT32_MAX,
				    "%s is %" PRId64 " after the memslots are gone",
				    names[i], left);
	}
}

static bool is_alarming(const char *line)
{
	static const char *const signs[] = {
		"WARNING: ", "BUG: ", "kernel BUG", "KASAN", "Oops",
		"general protection", "INFO: rcu", "blocked for more than",
		"possible circular locking", "list_del corruption",
		"list_add corruption", "use-after-free", NULL
	};
	unsigned int i;

	for (i = 0; signs[i]; i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/*
 * A virtual machine's CPU may be taken away for a minute, and then its kernel
 * reports a stall that nobody in it has caused.
 */
static bool may_be_stolen_time(const char *line)
{
	char cpu[4096] = "";

	if (!strstr(line, "lockup") && !strstr(line, "INFO: rcu") &&
	    !strstr(line, "blocked for more than"))
		return false;
	host_read("/proc/cpuinfo", cpu, sizeof(cpu));
	return !place_emulated() && strstr(cpu, " hypervisor");
}

/*
 * The emulator of Intel hosts logs the address that was written where a CPU's PML
 * logs the page's, and KVM warns of it where it reads the buffer.
 */
static bool is_emulated_pml(const char *line)
{
	char pml[8] = "";

	if (!place_emulated() || !strstr(line, "kvm/vmx/vmx.c"))
		return false;
	host_read("/sys/module/kvm_intel/parameters/pml", pml, sizeof(pml));
	return *pml == 'Y';
}

static void judge_kernel_log(struct leak *l, struct rec *rec)
{
	char line[8192], first[300] = "";
	ssize_t len;

	if (l->kmsg < 0) {
		rec_note(rec, "the kernel log is not readable, so it is not judged");
		return;
	}
	while ((len = read(l->kmsg, line, sizeof(line) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (is_alarming(line) && may_be_stolen_time(line))
			rec_note(rec, "a stall in a virtual machine is not judged: %.200s",
				 line);
		else if (!*first && is_alarming(line) && !is_emulated_pml(line))
			snprintf(first, sizeof(first), "%.250s", line);
	}
	close(l->kmsg);
	rec_check(rec, "kernel_log.silent", !*first, "%s",
		  *first ? first : "no alarming line");
}

void leak_end(struct leak *l, struct rec *rec)
{
	uint64_t give_up = timing_now_ns() + PATIENCE_NS, now = table_kib();

	while (l->table_kib && now > l->table_kib && timing_now_ns() < give_up) {
		timing_sleep_ns(20000000);
		now = table_kib();
	}
	if (l->table_kib)
		rec_check(rec, "leak.tables", now <= l->table_kib,
			  "the kernel has %" PRIu64 " KiB of secondary page tables, %" PRIu64 " before",
			  now, l->table_kib);
	judge_kernel_log(l, rec);
}
