// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: what do the operations of a KVM MMU cost, counted in faults and
 * flushes?
 *
 * Method: a guest of one vCPU and 256 MiB (tiny.c) goes through the life of a
 * live migration twice, on 4K pages and on 2M pages; each step prints the
 * change of KVM's own counters.  Other questions have files of their own:
 * beside.c, reclaim.c, writehold.c, ticks.c.
 *
 * Output: lines "bar NAME VALUE"; run on two kernels, they make one table.
 *
 * What it cannot tell: times on real hardware.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bars.h"

#define NR_PAGES	65536ul
#define READ_ROUNDS	5	/* chosen: odd, for a median; 3 to 15 would do */
#define SPLITS		"kvmmmu/kvm_mmu_split_huge_page"

struct marks {
	uint64_t taken, fast, flushes;
	double ms;
};

static struct marks mark(const struct tiny_vm *t)
{
	return (struct marks){
		.taken = tiny_vcpu_stat(t, "pf_taken"),
		.fast = tiny_vcpu_stat(t, "pf_fast"),
		.flushes = tiny_vm_stat(t, "remote_tlb_flush_requests"),
		.ms = now_ms(),
	};
}

static void report(const struct tiny_vm *t, const struct marks *from,
		   const char *place, const char *what)
{
	double ms = now_ms() - from->ms;
	struct marks to = mark(t);

	bar(place, what, "faults", to.taken - from->taken);
	bar(place, what, "fast", to.fast - from->fast);
	bar(place, what, "flush_requests", to.flushes - from->flushes);
	bar(place, what, "ms", ms);
}

#define STEP(what, action) do {						\
	struct marks from_ = mark(t);					\
	action;								\
	report(t, &from_, place, what);					\
} while (0)

/* A log that misses a write makes every other figure worthless. */
static void want_dirty(unsigned long got, unsigned long least)
{
	if (got >= least)
		return;
	fprintf(stderr, "bars: the log has %lu dirty pages, %lu were written\n",
		got, least);
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A guest that reads everything sets A of every table, and D of no page. */
static void get_after_read(struct tiny_vm *t, const char *place)
{
	double first_ms[READ_ROUNDS], next_ms[READ_ROUNDS], from;
	int i;

	for (i = 0; i < READ_ROUNDS; i++) {
		tiny_read(t, 0, NR_PAGES);
		from = now_ms();
		tiny_get_log(t);
		first_ms[i] = now_ms() - from;
		from = now_ms();
		tiny_get_log(t);
		next_ms[i] = now_ms() - from;
	}
	qsort(first_ms, READ_ROUNDS, sizeof(double), by_value);
	qsort(next_ms, READ_ROUNDS, sizeof(double), by_value);
	bar(place, "get_after_read", "ms", first_ms[READ_ROUNDS / 2]);
	bar(place, "get_after_that", "ms", next_ms[READ_ROUNDS / 2]);
}

static void log_rounds(struct tiny_vm *t, const char *place)
{
	unsigned long dirty = 0, splits = events_seen(SPLITS);

	STEP("log_on", tiny_set_log(t, true));
	bar(place, "log_on", "splits", events_seen(SPLITS) - splits);
	STEP("write_logged_first", tiny_write(t, 0, NR_PAGES));
	STEP("get_all_dirty_first", dirty = tiny_get_log(t));
	want_dirty(dirty, NR_PAGES);
	STEP("write_logged", tiny_write(t, 0, NR_PAGES));
	STEP("get_all_dirty", dirty = tiny_get_log(t));
	want_dirty(dirty, NR_PAGES);
	tiny_get_log(t);
	STEP("get_none_dirty", dirty = tiny_get_log(t));
	bar(place, "get_none_dirty", "pages", dirty);
	get_after_read(t, place);
	tiny_write(t, 777, 100);
	STEP("get_100_dirty", dirty = tiny_get_log(t));
	want_dirty(dirty, 100);
	/* What is written and then zapped must still be reported. */
	tiny_write(t, 1000, 50);
	madvise(t->mem + 1000 * 4096, 50 * 4096, MADV_DONTNEED);
	want_dirty(tiny_get_log(t), 50);
	/* Have them back, so that what follows counts the log alone. */
	tiny_write(t, 1000, 50);
	tiny_get_log(t);
}

void life(const char *place, bool huge)
{
	struct tiny_vm vm, *t = &vm;

	events_start(SPLITS, NULL);
	tiny_open(t, NR_PAGES, huge);
	STEP("populate", tiny_read(t, 0, NR_PAGES));
	bar(place, "populate", "pages_2m", tiny_vm_stat(t, "pages_2m"));
	STEP("write", tiny_write(t, 0, NR_PAGES));
	log_rounds(t, place);
	tiny_read(t, 0, NR_PAGES);
	STEP("log_off", tiny_set_log(t, false));
	bar(place, "log_off", "pages_2m", tiny_vm_stat(t, "pages_2m"));
	STEP("write_after_log", tiny_write(t, 0, NR_PAGES));
	tiny_close(t);
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (!strcmp(what, "life")) {
		life("4k", false);
		life("2m", true);
	} else if (!strcmp(what, "beside")) {
		beside();
	} else if (!strcmp(what, "reclaim")) {
		reclaim();
	} else if (!strcmp(what, "hold")) {
		hold();
	} else if (!strcmp(what, "ticks")) {
		ticks();
	} else {
		fprintf(stderr, "usage: bars life|beside|reclaim|hold|ticks\n");
		return 64;
	}
	return 0;
}
