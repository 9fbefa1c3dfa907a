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
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/base/say.h"
#include "lab/emu/emu.h"
#include "lab/run/parallel.h"

/* Chosen: a host runs for tens of seconds. */
#define POLL_US 50000

struct member {
	pid_t pid;		/* 0: not running */
	bool started;
};

struct crew {
	const struct run_job *jobs;
	struct member *members;	/* by place in the jobs */
	unsigned int nr, running, limit;
	bool alone;		/* what runs has the machine to itself */
	enum verdict verdict;
};

static unsigned int cpus_here(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

static bool must_be_alone(const struct crew *c, unsigned int i)
{
	const struct emu_ops *emu = emu_find(c->jobs[i].host->emulator);

	return !emu || strcmp(emu->clock(c->jobs[i].opts->deterministic),
			      "virtual");
}

static enum verdict run_here(const struct run_job *job)
{
	struct run_result res;

	return run_host(job, &res);
}

static void start(struct crew *c, unsigned int i)
{
	pid_t parent = getpid(), pid;
	enum verdict end;

	c->members[i].started = true;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		lab_say("%s: FAIL, cannot start a process: %s",
			c->jobs[i].host->name, strerror(errno));
		c->verdict = VERDICT_FAIL;
		return;
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		end = getppid() == parent ? run_here(&c->jobs[i]) : VERDICT_FAIL;
		fflush(NULL);
		_exit(verdict_exit_code(end));
	}
	c->members[i].pid = pid;
	c->running++;
	c->alone = must_be_alone(c, i);
}

/* Start what may run beside what runs already. */
static void start_some(struct crew *c)
{
	for (unsigned int i = 0;
	     i < c->nr && c->running < c->limit && !c->alone; i++)
		if (!c->members[i].started && !(c->running && must_be_alone(c, i)))
			start(c, i);
}

/* Take in those that have ended. */
static void reap(struct crew *c)
{
	int status;

	for (unsigned int i = 0; i < c->nr; i++) {
		if (!c->members[i].pid ||
		    waitpid(c->members[i].pid, &status, WNOHANG) <= 0)
			continue;
		c->members[i].pid = 0;
		c->running--;
		c->alone = false;
		if (!WIFEXITED(status))
			lab_say("%s: FAIL, the process that follows it died of signal %d",
				c->jobs[i].host->name, WTERMSIG(status));
		c->verdict = verdict_worse(c->verdict, WIFEXITED(status) ?
				      verdict_of_exit(WEXITSTATUS(status)) :
				      VERDICT_FAIL);
	}
}

static enum verdict run_crew(struct crew *c)
{
	bool told = false;

	for (;;) {
		reap(c);
		if (!lab_stop)
			start_some(c);
		if (!c->running)
			return c->verdict;
		for (unsigned int i = 0; lab_stop && !told && i < c->nr; i++)
			if (c->members[i].pid)
				kill(c->members[i].pid, lab_stop);
		told = lab_stop;
		usleep(POLL_US);
	}
}

enum verdict run_jobs(const struct run_job *jobs, unsigned int nr, int limit,
			struct reason *why)
{
	struct crew c = {
		.jobs = jobs, .nr = nr, .verdict = VERDICT_PASS,
		.limit = limit < 0 ? cpus_here() : (unsigned int)limit,
	};
	enum verdict end;

	if (nr == 1)
		return run_here(&jobs[0]);
	c.members = calloc(nr, sizeof(*c.members));
	if (!c.members) {
		reason_set(why, -ENOMEM, "no memory to follow %u runs", nr);
		return VERDICT_FAIL;
	}
	end = run_crew(&c);
	free(c.members);
	return end;
}
