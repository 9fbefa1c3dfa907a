// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: what do the operations of a KVM MMU cost, counted in faults,
 * flushes and contended locks?
 *
 * Method: a guest of one vCPU and 256 MiB (tiny.c) goes through the life of a
 * live migration twice, on 4K pages and on 2M pages; each step prints the
 * change of KVM's own counters.  Then one thread ages the guest's memory
 * through MGLRU, or reads the dirty log, beside a faulting vCPU, and the kernel's
 * lock:contention_begin event counts the waits on rwlocks.
 *
 * Output: lines "bar NAME VALUE"; run on two kernels, they make one table.
 *
 * What it cannot tell: times on real hardware.  The waits include other rwlocks
 * of the kernel; an idle system has next to none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tiny.h"

#define NR_PAGES	65536ul
#define BESIDE_SECONDS	5	/* chosen; 2 to 30 would do */
#define BESIDE_PAGES	4096ul	/* zapped and refaulted per step */
#define TRACING		"/sys/kernel/tracing/instances/bars"
#define LRU_GEN		"/sys/kernel/debug/lru_gen"

struct marks {
	uint64_t taken, fast, flushes;
	double ms;
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void bar(const char *place, const char *what, const char *unit,
		double value)
{
	printf("bar %s.%s.%s %.6g\n", place, what, unit, value);
	fflush(stdout);
}

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

static void log_rounds(struct tiny_vm *t, const char *place)
{
	unsigned long dirty = 0;

	STEP("log_on", tiny_set_log(t, true));
	STEP("write_logged_first", tiny_write(t, 0, NR_PAGES));
	STEP("get_all_dirty_first", dirty = tiny_get_log(t));
	want_dirty(dirty, NR_PAGES);
	STEP("write_logged", tiny_write(t, 0, NR_PAGES));
	STEP("get_all_dirty", dirty = tiny_get_log(t));
	want_dirty(dirty, NR_PAGES);
	tiny_get_log(t);
	STEP("get_none_dirty", dirty = tiny_get_log(t));
	bar(place, "get_none_dirty", "pages", dirty);
	tiny_write(t, 777, 100);
	STEP("get_100_dirty", dirty = tiny_get_log(t));
	want_dirty(dirty, 100);
	/* What is written and then zapped must still be reported. */
	tiny_write(t, 1000, 50);
	madvise(t->mem + 1000 * 4096, 50 * 4096, MADV_DONTNEED);
	want_dirty(tiny_get_log(t), 50);
}

static void life(const char *place, bool huge)
{
	struct tiny_vm vm, *t = &vm;

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

/* Write text to a file of the kernel; false if it is not there. */
static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Events a trace instance has seen, also those it has no room for. */
static unsigned long events_seen(void)
{
	unsigned long sum = 0, value;
	char path[128], line[128];
	FILE *f;
	int cpu;

	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		snprintf(path, sizeof(path), TRACING "/per_cpu/cpu%d/stats",
			 cpu);
		f = fopen(path, "r");
		if (!f)
			continue;
		while (fgets(line, sizeof(line), f))
			if (sscanf(line, "entries: %lu", &value) == 1 ||
			    sscanf(line, "overrun: %lu", &value) == 1)
				sum += value;
		fclose(f);
	}
	return sum;
}

static void trace_event(const char *event, const char *filter, bool on)
{
	char path[160];

	if (filter) {
		snprintf(path, sizeof(path), TRACING "/events/%s/filter", event);
		put(path, filter);
	}
	snprintf(path, sizeof(path), TRACING "/events/%s/enable", event);
	if (!put(path, on ? "1" : "0"))
		tiny_die(path);
}

struct beside {
	struct tiny_vm *t;
	void (*step)(struct beside *b);
	unsigned long steps;
	bool stop;
};

/* One MGLRU pass over the memory of every process. */
static void step_age(struct beside *b)
{
	unsigned int memcg = 0, node = 0, gen = 0, newest = 0;
	FILE *f = fopen(LRU_GEN, "r");
	char line[256];

	if (!f)
		tiny_die(LRU_GEN);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " memcg %u", &memcg) == 1 ||
		    sscanf(line, " node %u", &node) == 1)
			continue;
		if (sscanf(line, " %u", &gen) == 1)
			newest = gen;
	}
	fclose(f);
	snprintf(line, sizeof(line), "+ %u %u %u 1 1\n", memcg, node, newest);
	put(LRU_GEN, line);
	b->steps++;
}

static void step_get(struct beside *b)
{
	tiny_get_log(b->t);
	b->steps++;
}

static void *beside_thread(void *arg)
{
	struct beside *b = arg;

	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED))
		b->step(b);
	return NULL;
}

/* Zap and refault pages for a while, with or without something beside. */
static unsigned long fault_for_a_while(struct tiny_vm *t)
{
	double end_ms = now_ms() + BESIDE_SECONDS * 1e3;
	unsigned long first = 0, before = events_seen();
	size_t bytes = BESIDE_PAGES * 4096;

	while (now_ms() < end_ms) {
		madvise(t->mem + first * 4096, bytes, MADV_DONTNEED);
		tiny_write(t, first, BESIDE_PAGES);
		first = (first + BESIDE_PAGES) % NR_PAGES;
	}
	return events_seen() - before;
}

static void contended(const char *what, void (*step)(struct beside *),
		      bool logged)
{
	struct tiny_vm vm;
	struct beside b = { .t = &vm, .step = step };
	pthread_t thread;

	tiny_open(&vm, NR_PAGES, false);
	tiny_read(&vm, 0, NR_PAGES);
	if (logged)
		tiny_set_log(&vm, true);
	/* 3 and 5: rwlocks, waited for as a reader and as a writer */
	trace_event("lock/contention_begin", "flags == 3 || flags == 5", true);
	bar("beside", what, "waits_without", fault_for_a_while(&vm));
	if (pthread_create(&thread, NULL, beside_thread, &b)) {
		errno = EAGAIN;
		tiny_die("pthread_create");
	}
	bar("beside", what, "waits", fault_for_a_while(&vm));
	__atomic_store_n(&b.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	trace_event("lock/contention_begin", "0", false);
	bar("beside", what, "passes", b.steps);
	tiny_close(&vm);
}

int main(void)
{
	life("4k", false);
	life("2m", true);
	/* Fails if the instance is there already, which is as good. */
	mkdir(TRACING, 0700);
	if (access(TRACING "/events/lock/contention_begin", F_OK)) {
		fprintf(stderr, "bars: no %s: the waits are left out\n",
			TRACING "/events/lock/contention_begin");
		return 4;
	}
	contended("get", step_get, true);
	if (access(LRU_GEN, W_OK)) {
		fprintf(stderr, "bars: no %s: aging is left out\n", LRU_GEN);
		return 4;
	}
	contended("age", step_age, false);
	return 0;
}
