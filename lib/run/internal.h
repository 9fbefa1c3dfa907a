/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it, others include run.h. */
#ifndef MMUBENCH_RUN_INTERNAL_H
#define MMUBENCH_RUN_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "probe/probe.h"
#include "run/run.h"

#define RUN_DEFAULT_TIMEOUT_S 120u
#define RUN_MAX_PHASES 64	/* different names in one case */

struct vcpu_thread {
	struct run *run;
	unsigned int index;
	const struct topo_thread *place;
	pthread_t thread;
	bool busy;			/* under run->lock */
	uint64_t start_ns, end_ns;	/* of the last job; read after its end */
};

struct agent {
	struct run *run;
	const struct agent_ops *ops;
	void *arg;
	uint64_t period_ns;
	const struct topo_thread *place;
	pthread_t thread;
	volatile bool stop;
	bool joined;
	int failed;			/* atomic: read while the agent runs */
	struct reason why;
	struct hist steps;
};

struct run {
	struct rig *rig;
	struct topo *topo;
	struct rec *rec;
	unsigned int timeout_s;
	uint64_t tag_state;

	pthread_mutex_t lock;
	pthread_cond_t go;		/* a new generation, or quit */
	pthread_cond_t done;		/* a vCPU finished its job */
	uint64_t generation;
	uint64_t mask;
	unsigned int nr_busy;
	bool quit;
	bool unaccounted;
	int failed;			/* first failure, sticky */
	struct reason failure;

	struct vcpu_thread *vcpu;
	unsigned int nr_threads;

	struct agent *agents[RUN_MAX_AGENTS];
	unsigned int nr_agents;

	/* Counters are added up by phase name and recorded at the end. */
	struct run_phase_sum {
		char name[32];
		struct kstat_sum sum;
		struct probe_sum probed[PROBES_MAX];
	} phases[RUN_MAX_PHASES];
	unsigned int nr_phases;
	bool phases_lost;		/* there were more than fit */
	struct run_phase_sum *phase;	/* the current one, or NULL */
	uint64_t phase_start_ns;
	struct kstat_snap *phase_snap;
	struct probe_set *probes;	/* not ours, may be NULL */
};

/*
 * Start one thread per vCPU, which waits for jobs; end them, when no job runs.
 * A failed start is ended as well.
 */
int run_threads_start(struct run *r, struct reason *why);
void run_threads_end(struct run *r);

#endif
