// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: what does it cost to ask whether a page was used, when the host
 * reclaims memory the classic way (clear_flush_young)?
 *
 * Method: MGLRU off, a guest in a memory cgroup of its own that has touched all
 * its pages, swap to a RAM disk; memory.reclaim asks for half of the memory.
 * The kernel's events count the questions and the unmapped ranges, KVM's stats
 * the flush requests.  An unmapped page needs its flush in any case, so what
 * counts is the rest.
 *
 * What it cannot tell: how reclaim behaves under real pressure.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bars.h"

#define RECLAIM_PAGES	16384ul	/* chosen: 64 MiB; half of it must fit the swap */
#define CGROUP		"/sys/fs/cgroup/bars"
#define ASKED		"kvm/kvm_age_hva"
#define UNMAPPED	"kvm/kvm_unmap_hva_range"

void reclaim(void)
{
	unsigned long asked, unmapped, flushes;
	struct tiny_vm vm, *t = &vm;
	char text[32];

	if (!put("/sys/kernel/mm/lru_gen/enabled", "n"))
		tiny_die("/sys/kernel/mm/lru_gen/enabled");
	mkdir(CGROUP, 0755);
	snprintf(text, sizeof(text), "%d", getpid());
	if (!put(CGROUP "/cgroup.procs", text))
		tiny_die(CGROUP "/cgroup.procs");
	tiny_open(t, RECLAIM_PAGES, false);
	tiny_write(t, 0, RECLAIM_PAGES);
	/* A cgroup's statistics, which reclaim goes by, lag by 2 seconds. */
	sleep(3);
	events_start(ASKED, NULL);
	events_start(UNMAPPED, NULL);
	asked = events_seen(ASKED);
	unmapped = events_seen(UNMAPPED);
	flushes = tiny_vm_stat(t, "remote_tlb_flush_requests");
	snprintf(text, sizeof(text), "%lu", RECLAIM_PAGES * 4096 / 2);
	/* It may say that it did not find all of it. */
	put(CGROUP "/memory.reclaim", text);
	flushes = tiny_vm_stat(t, "remote_tlb_flush_requests") - flushes;
	asked = events_seen(ASKED) - asked;
	unmapped = events_seen(UNMAPPED) - unmapped;
	if (asked < RECLAIM_PAGES / 2) {
		fprintf(stderr, "bars: reclaim asked about %lu pages only\n",
			asked);
		exit(1);
	}
	bar("reclaim", "asked", "pages", asked);
	bar("reclaim", "unmapped", "ranges", unmapped);
	bar("reclaim", "all", "flush_requests", flushes);
	bar("reclaim", "asking", "flush_requests",
	    flushes > unmapped ? flushes - unmapped : 0);
	tiny_close(t);
	put("/sys/kernel/mm/lru_gen/enabled", "y");
}
