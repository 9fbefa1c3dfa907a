// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: does a vCPU that faults have to wait for aging, or for a reader of
 * the dirty log?
 *
 * Method: the vCPU faults on freshly dropped pages for a while, alone and then
 * beside a thread that ages all memory (MGLRU) or reads the log in a loop.  The
 * kernel's lock:contention_begin event counts the waits on rwlocks.
 *
 * What it cannot tell: which rwlock was waited for; without the thread beside
 * there are next to none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "bars.h"

#define BESIDE_SECONDS	5	/* chosen; 2 to 30 would do */
#define BESIDE_PAGES	65536ul
#define STEP_PAGES	4096ul	/* dropped and refaulted at a time */
#define WAITS		"lock/contention_begin"

struct companion {
	struct tiny_vm *t;
	bool (*step)(struct companion *c);
	unsigned long steps;
	bool failed, stop;
};

static bool step_age(struct companion *c)
{
	return age_all();
}

static bool step_get(struct companion *c)
{
	tiny_get_log(c->t);
	return true;
}

static void *companion_thread(void *arg)
{
	struct companion *c = arg;

	while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED) && !c->failed) {
		c->failed = !c->step(c);
		c->steps++;
	}
	return NULL;
}

static unsigned long waits_of_faults(struct tiny_vm *t)
{
	unsigned long first = 0, before = events_seen(WAITS);
	double end_ms = now_ms() + BESIDE_SECONDS * 1e3;

	while (now_ms() < end_ms) {
		madvise(t->mem + first * 4096, STEP_PAGES * 4096,
			MADV_DONTNEED);
		tiny_write(t, first, STEP_PAGES);
		first = (first + STEP_PAGES) % BESIDE_PAGES;
	}
	return events_seen(WAITS) - before;
}

static void measure(const char *what, bool (*step)(struct companion *),
		    bool logged)
{
	struct tiny_vm vm;
	struct companion c = { .t = &vm, .step = step };
	pthread_t thread;

	tiny_open(&vm, BESIDE_PAGES, false);
	tiny_read(&vm, 0, BESIDE_PAGES);
	if (logged)
		tiny_set_log(&vm, true);
	bar("beside", what, "waits_without", waits_of_faults(&vm));
	errno = pthread_create(&thread, NULL, companion_thread, &c);
	if (errno)
		tiny_die("pthread_create");
	bar("beside", what, "waits", waits_of_faults(&vm));
	__atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	if (c.failed)
		tiny_die("the thread beside the vCPU");
	bar("beside", what, "passes", c.steps);
	tiny_close(&vm);
}

void beside(void)
{
	/* 3 and 5: rwlocks, waited for as a reader and as a writer */
	events_start(WAITS, "flags == 3 || flags == 5");
	measure("get", step_get, true);
	measure("age", step_age, false);
}
