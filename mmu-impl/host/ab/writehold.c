// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: for how long does a report of the dirty log shut everybody else out
 * of the MMU?
 *
 * Method: probes on the functions that take and drop an rwlock for write, with
 * the TSC as their clock; a slot of 65,536 written pages is reported by GET, and
 * in another VM by GET and CLEAR.  The longest time between the two probes is
 * the longest hold, and in a host whose TSC counts instructions it is exact.
 * TICKS in the environment says how many ticks an instruction is.
 *
 * What it cannot tell: holds for read, which faults do not wait for.  A probe
 * itself takes some hundred instructions, so a hold of nothing is not 0.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bars.h"

#define HOLD_PAGES	65536ul
#define TRACING		"/sys/kernel/tracing"
#define HERE		TRACING "/instances/hold"

static void must_put(const char *path, const char *text)
{
	if (!put(path, text))
		tiny_die(path);
}

/* Opening it for writing empties the trace. */
static void trace_forget(void)
{
	FILE *f = fopen(HERE "/trace", "w");

	if (!f)
		tiny_die(HERE "/trace");
	fclose(f);
}

static void probes_start(void)
{
	char filter[64];

	must_put(TRACING "/kprobe_events",
		 "p:hold/taken _raw_write_lock\np:hold/dropped _raw_write_unlock\n");
	mkdir(HERE, 0700);
	must_put(HERE "/trace_clock", "x86-tsc");
	must_put(HERE "/buffer_size_kb", "4096");
	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	must_put(HERE "/events/hold/filter", filter);
	must_put(HERE "/tracing_on", "0");
	must_put(HERE "/events/hold/enable", "1");
}

/* The time stamp that ends where @end is. */
static unsigned long long stamp_before(const char *line, const char *end)
{
	const char *p = end;

	while (p > line && p[-1] != ' ')
		p--;
	return strtoull(p, NULL, 10);
}

/* What was traced since tracing was on, as holds. */
static void report_holds(const char *what, double ticks)
{
	unsigned long long taken = 0, longest = 0, now;
	unsigned long holds = 0;
	char line[256], *at;
	FILE *f = fopen(HERE "/trace", "r");

	if (!f)
		tiny_die(HERE "/trace");
	while (fgets(line, sizeof(line), f)) {
		at = strstr(line, ": taken:");
		if (at)
			taken = stamp_before(line, at);
		at = strstr(line, ": dropped:");
		if (!at || !taken)
			continue;
		now = stamp_before(line, at);
		if (now - taken > longest)
			longest = now - taken;
		taken = 0;
		holds++;
	}
	fclose(f);
	bar("hold", what, "longest", longest / ticks);
	bar("hold", what, "count", holds);
}

#define HOLDS(what, ticks, action) do {			\
	trace_forget();					\
	must_put(HERE "/tracing_on", "1");		\
	action;						\
	must_put(HERE "/tracing_on", "0");		\
	report_holds(what, ticks);			\
} while (0)

static void want_pages(unsigned long got)
{
	if (got == HOLD_PAGES)
		return;
	fprintf(stderr, "bars: the log has %lu dirty pages, %lu were written\n",
		got, HOLD_PAGES);
	exit(1);
}

static void written_and_logged(struct tiny_vm *t, bool manual)
{
	tiny_open(t, HOLD_PAGES, false);
	if (manual)
		tiny_manual_clear(t);
	tiny_set_log(t, true);
	tiny_write(t, 0, HOLD_PAGES);
}

void hold(void)
{
	const char *text = getenv("TICKS");
	double ticks = text ? atof(text) : 1;
	unsigned long dirty = 0;
	struct tiny_vm vm;

	probes_start();
	written_and_logged(&vm, false);
	HOLDS("get", ticks, dirty = tiny_get_log(&vm));
	want_pages(dirty);
	tiny_close(&vm);

	written_and_logged(&vm, true);
	want_pages(tiny_get_log(&vm));
	HOLDS("clear", ticks, tiny_clear_log(&vm));
	tiny_close(&vm);
}
