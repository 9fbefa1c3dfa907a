/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run engine: one host thread per vCPU, any number of agents beside
 * them, phases on the record.
 *
 * A scenario is written as a straight line in the controller thread:
 *
 *	run_open()
 *	run_phase(r, "populate");  run_job(r, &job);
 *	run_phase(r, "measure");   run_start(r, &job); ... run_stop(r);
 *	run_close()
 *
 * vCPU threads sleep outside KVM_RUN between jobs.  All functions are called
 * from the controller thread unless they say otherwise.
 */
#ifndef MMUBENCH_RUN_H
#define MMUBENCH_RUN_H

#include <stdint.h>

#include "base/hist.h"
#include "record/rec.h"
#include "rig/rig.h"
#include "topo/topo.h"

struct probe_set;
struct run;

/* Agents: host threads that act on the rig while the guests run. */
struct agent_ops {
	const char *name;	/* "ager", "logger", "remapper" */
	/*
	 * One step, timed into the agent's histogram (ns).  0, or -errno with
	 * @why to end the run as failed.  Agent's own thread.
	 */
	int (*step)(void *arg, struct reason *why);
};

#define RUN_MAX_AGENTS 8

struct run *run_open(struct rig *rig, struct topo *topo, struct rec *rec,
		     struct reason *why);
void run_close(struct run *r);

/* How long a job may take before the guests are given up (default 120 s). */
void run_set_timeout(struct run *r, unsigned int seconds);
/* Seed of the tags that jobs write; set it before the first job. */
void run_set_seed(struct run *r, uint64_t seed);
/* Counters to read at every phase; @set outlives the run. */
void run_set_probes(struct run *r, struct probe_set *set);

/*
 * Begin a phase: ends and records the last one.  KVM's counters are summed
 * up by phase name and recorded as "kvm.<phase>.<counter>" by run_close().
 */
void run_phase(struct run *r, const char *name);

/* What the vCPUs shall do next; the engine fills in the addresses. */
struct run_job {
	enum guest_cmd cmd;
	unsigned int flags;	/* enum guest_flags */
	enum payload_op op;
	uint32_t nr;		/* order entries, 0 = as many as the last job (or payload) */
	uint32_t think;
	uint32_t min_gap;
	uint64_t vcpu_mask;	/* 0 = all; the others stay outside KVM_RUN */
};

/*
 * Start the job on the vCPUs (released together); returns at once.
 * run_stop() asks them to stop and waits until all have finished; run_job()
 * starts and waits.  0 or -errno with @why: a guest died, KVM_RUN failed, or
 * the guests did not finish within the time-out.
 */
int run_start(struct run *r, const struct run_job *job, struct reason *why);
int run_stop(struct run *r, struct reason *why);
int run_job(struct run *r, const struct run_job *job, struct reason *why);

/* Host wall time of the last finished job: first start to last end. */
uint64_t run_job_ns(const struct run *r);
/* The same by the guests' TSC, of one vCPU. */
uint64_t run_job_tsc(const struct run *r, unsigned int vcpu);
/* Accesses done in the last job, summed over the vCPUs. */
uint64_t run_job_accesses(const struct run *r);
/*
 * Wait until every vCPU has completed @rounds more rounds (UNTIL_STOP).  Also
 * fails when an agent has failed.
 */
int run_wait_rounds(struct run *r, uint64_t rounds, struct reason *why);

/* Latencies of the last timed job, TSC ticks, merged over the vCPUs. */
void run_latency(const struct run *r, enum payload_op op, struct hist *out);
void run_latency_reset(struct run *r);

/*
 * Start an agent that calls ops->step() every @period_ns (0 = as fast as it
 * can) until run_agent_stop(); its thread is placed by the topology.
 */
int run_agent_start(struct run *r, const struct agent_ops *ops, void *arg,
		    uint64_t period_ns, struct reason *why);
/* Stops and joins all agents; 0 or the first failure. */
int run_agents_stop(struct run *r, struct reason *why);
/* Durations (ns) of the steps of agent @i, valid between stop and free. */
const struct hist *run_agent_hist(const struct run *r, unsigned int i);
/* Forget the stopped agents, so that others can be started. */
void run_agents_free(struct run *r);

/*
 * In a phase "self", record "self.*": cost of a time stamp, of recording a latency in the guest
 * (TSC cycles above the bare loop), of an empty job round trip.
 */
int run_record_self_cost(struct run *r, struct reason *why);

#endif
