// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: how are the kernel's own counters read?
 *
 * Method: trace instances count events, also those they have no room for;
 * MGLRU is driven through debugfs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bars.h"

#define TRACING "/sys/kernel/tracing"
#define LRU_GEN "/sys/kernel/debug/lru_gen"

double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

void bar(const char *place, const char *what, const char *unit, double value)
{
	/* Large numbers are counts: all of their digits. */
	printf(value < 1e6 ? "bar %s.%s.%s %.6g\n" : "bar %s.%s.%s %.0f\n",
	       place, what, unit, value);
	fflush(stdout);
}

bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The trace instance of an event: its name without the slash. */
static void instance(const char *event, char *path, size_t size)
{
	snprintf(path, size, TRACING "/instances/%s", strchr(event, '/') + 1);
}

void events_start(const char *event, const char *filter)
{
	char path[128], file[256];

	instance(event, path, sizeof(path));
	if (mkdir(path, 0700) && errno != EEXIST)
		tiny_die(path);
	if (filter) {
		snprintf(file, sizeof(file), "%s/events/%s/filter", path, event);
		if (!put(file, filter))
			tiny_die(file);
	}
	snprintf(file, sizeof(file), "%s/events/%s/enable", path, event);
	if (!put(file, "1"))
		tiny_die(file);
}

unsigned long events_seen(const char *event)
{
	unsigned long sum = 0, value;
	char path[128], file[256], line[128];
	FILE *f;
	int cpu;

	instance(event, path, sizeof(path));
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		snprintf(file, sizeof(file), "%s/per_cpu/cpu%d/stats", path, cpu);
		f = fopen(file, "r");
		if (!f)
			tiny_die(file);
		while (fgets(line, sizeof(line), f))
			if (sscanf(line, "entries: %lu", &value) == 1 ||
			    sscanf(line, "overrun: %lu", &value) == 1)
				sum += value;
		fclose(f);
	}
	return sum;
}

bool age_all(void)
{
	unsigned int memcg = 0, node = 0, gen = 0, newest = 0;
	FILE *f = fopen(LRU_GEN, "r");
	char line[256];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " memcg %u", &memcg) == 1 ||
		    sscanf(line, " node %u", &node) == 1)
			continue;
		if (sscanf(line, " %u", &gen) == 1)
			newest = gen;
	}
	fclose(f);
	snprintf(line, sizeof(line), "+ %u %u %u 1 1\n", memcg, node, newest);
	return put(LRU_GEN, line);
}
