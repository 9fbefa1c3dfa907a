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

#include "lab/emu/emu.h"
#include "lab/lab.h"
#include "lab/emu/proc.h"

/* Chosen: a host runs for tens of seconds. */
#define POLL_US 50000

struct member {
	pid_t pid;		/* 0: not running */
	int started;
};

struct crew {
	const struct lab_job *jobs;
	struct member *members;	/* by place in the jobs */
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
	const struct emu_ops *emu = emu_find(c->jobs[i].host->emulator);

	return !emu || strcmp(emu->clock(c->jobs[i].opts->deterministic),
			      "virtual");
}

static enum verdict run_here(const struct lab_job *job)
{
	struct run_result res;
	enum verdict v;

	if (job->label)
		snprintf(lab_label, sizeof(lab_label), "%s: ", job->label);
	v = run_host(job->host, job->opts, job->img, job->dir, &res);
	lab_label[0] = '\0';
	return v;
}

static void start(struct crew *c, int i)
{
	pid_t parent = getpid(), pid;
	enum verdict v;

	c->members[i].started = 1;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		lab_say("%s: FAIL, cannot start a process: %s",
			c->jobs[i].host->name, strerror(errno));
		c->verdict = FAIL;
		return;
	}
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		v = getppid() == parent ? run_here(&c->jobs[i]) : FAIL;
		fflush(NULL);
		_exit(v);
	}
	c->members[i].pid = pid;
	c->running++;
	c->alone = must_be_alone(c, i);
}

/* Start what may run beside what runs already. */
static void start_some(struct crew *c)
{
	for (int i = 0; i < c->nr && c->running < c->limit && !c->alone; i++)
		if (!c->members[i].started && !(c->running && must_be_alone(c, i)))
			start(c, i);
}

/* Take in those that have ended. */
static void reap(struct crew *c)
{
	int status;

	for (int i = 0; i < c->nr; i++) {
		if (!c->members[i].pid ||
		    waitpid(c->members[i].pid, &status, WNOHANG) <= 0)
			continue;
		c->members[i].pid = 0;
		c->running--;
		c->alone = 0;
		if (!WIFEXITED(status))
			lab_say("%s: FAIL, the process that follows it died of signal %d",
				c->jobs[i].host->name, WTERMSIG(status));
		c->verdict = verdict_worse(c->verdict, WIFEXITED(status) ?
					   (enum verdict)WEXITSTATUS(status) :
					   FAIL);
	}
}

static enum verdict run_crew(struct crew *c)
{
	int told = 0;

	for (;;) {
		reap(c);
		if (!lab_stop)
			start_some(c);
		if (!c->running)
			return c->verdict;
		for (int i = 0; lab_stop && !told && i < c->nr; i++)
			if (c->members[i].pid)
				kill(c->members[i].pid, lab_stop);
		told = !!lab_stop;
		usleep(POLL_US);
	}
}

enum verdict run_jobs(const struct lab_job *jobs, int nr, unsigned int limit)
{
	struct crew c = {
		.jobs = jobs, .nr = nr,
		.limit = limit ? (int)limit : cpus_here(), .verdict = PASS,
	};
	enum verdict v;

	if (nr == 1)
		return run_here(&jobs[0]);
	c.members = calloc(nr, sizeof(*c.members));
	if (!c.members) {
		lab_say("no memory to follow %d runs", nr);
		return FAIL;
	}
	v = run_crew(&c);
	free(c.members);
	return v;
}

enum verdict run_hosts(const struct host *list, int nr,
		       const struct lab_opts *o, const struct image *img,
		       const char *dir)
{
	struct lab_job jobs[MAX_LIST];

	for (int i = 0; i < nr; i++)
		jobs[i] = (struct lab_job){ .host = &list[i], .opts = o,
					    .img = img, .dir = dir };
	return run_jobs(jobs, nr, o->jobs);
}
