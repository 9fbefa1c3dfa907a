// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which hosts may run at the same time?
 *
 * An emulator that counts instructions uses one CPU, and what else the machine
 * does changes none of its numbers, so as many of those run at once as there
 * are CPUs, each followed by a process of its own.  A host whose CPUs are real
 * threads has the machine to itself.  A signal is passed on to every process,
 * and each of them ends with this one.  Wall-time limits count from each
 * host's own start; on a machine that is busy otherwise they may still bite.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu.h"
#include "lab.h"
#include "proc.h"

/* Chosen: a host runs for tens of seconds. */
#define POLL_US 50000

struct crew {
	const struct host *list;
	const struct lab_opts *opts;
	const struct image *img;
	const char *dir;
	pid_t pid[MAX_LIST];	/* by place in the list; 0: not running */
	int started[MAX_LIST];
	int nr, running, limit;
	int alone;		/* what runs has the machine to itself */
	enum verdict verdict;
};

static int cpus_here(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

static int must_be_alone(const struct crew *c, int i)
{
	const struct emu_ops *emu = emu_find(c->list[i].emulator);

	return !emu || strcmp(emu->clock(c->opts->deterministic), "virtual");
}

static enum verdict run_here(const struct crew *c, int i)
{
	struct run_result res;

	return run_host(&c->list[i], c->opts, c->img, c->dir, &res);
}

static void start(struct crew *c, int i)
{
	pid_t parent = getpid();
	enum verdict v;

	c->started[i] = 1;
	fflush(NULL);
	c->pid[i] = fork();
	if (c->pid[i] < 0) {
		lab_say("%s: FAIL, cannot start a process: %s",
			c->list[i].name, strerror(errno));
		c->pid[i] = 0;
		c->verdict = FAIL;
		return;
	}
	if (!c->pid[i]) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		v = getppid() == parent ? run_here(c, i) : FAIL;
		fflush(NULL);
		_exit(v);
	}
	c->running++;
	c->alone = must_be_alone(c, i);
}

/* Start what may run beside what runs already. */
static void start_some(struct crew *c)
{
	for (int i = 0; i < c->nr && c->running < c->limit && !c->alone; i++)
		if (!c->started[i] && !(c->running && must_be_alone(c, i)))
			start(c, i);
}

/* Take in those that have ended. */
static void reap(struct crew *c)
{
	int status;

	for (int i = 0; i < c->nr; i++) {
		if (!c->pid[i] || waitpid(c->pid[i], &status, WNOHANG) <= 0)
			continue;
		c->pid[i] = 0;
		c->running--;
		c->alone = 0;
		if (!WIFEXITED(status))
			lab_say("%s: FAIL, the process that follows it died of signal %d",
				c->list[i].name, WTERMSIG(status));
		c->verdict = verdict_worse(c->verdict, WIFEXITED(status) ?
					   (enum verdict)WEXITSTATUS(status) :
					   FAIL);
	}
}

enum verdict run_hosts(const struct host *list, int nr,
		       const struct lab_opts *o, const struct image *img,
		       const char *dir)
{
	struct crew c = {
		.list = list, .opts = o, .img = img, .dir = dir, .nr = nr,
		.limit = o->jobs ? (int)o->jobs : cpus_here(),
		.verdict = PASS,
	};
	int told = 0;

	if (nr == 1)
		return run_here(&c, 0);
	for (;;) {
		reap(&c);
		if (!lab_stop)
			start_some(&c);
		if (!c.running)
			return c.verdict;
		for (int i = 0; lab_stop && !told && i < nr; i++)
			if (c.pid[i])
				kill(c.pid[i], lab_stop);
		told = !!lab_stop;
		usleep(POLL_US);
	}
}
