/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run engine: one host thread per vCPU, up to RUN_MAX_AGENTS agents beside
 * them, and phases on the record.
 *
 * The controller thread runs a scenario from top to bottom:
 *
 *	run_open()
 *	run_phase(r, "populate");  run_job(r, &job);
 *	run_phase(r, "measure");   run_start(r, &job); ... run_stop(r);
 *	run_close()
 *
 * Between jobs, vCPU threads sleep outside KVM_RUN.  Call all functions from
 * the controller thread unless their comment says otherwise.
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
	 * Required.  Make one step, which is timed into the agent's histogram
	 * (ns); runs in the agent's thread.  0, or -errno with @why to fail
	 * the run.
	 */
	int (*step)(void *arg, struct reason *why);
};

#define RUN_MAX_AGENTS 8

struct run *run_open(struct rig *rig, struct topo *topo, struct rec *rec,
		     struct reason *why);
void run_close(struct run *r);

/* Set how long a job may take before it fails (default 120 s). */
void run_set_timeout(struct run *r, unsigned int seconds);
/* Set the seed of the tags that jobs write, before the first job. */
void run_set_seed(struct run *r, uint64_t seed);
/* Set the probes to read at every phase; @set must outlive the run. */
void run_set_probes(struct run *r, struct probe_set *set);

/*
 * Begin a phase; this ends and records the last one.  KVM's counters are added
 * up by phase name, and run_close() records them as "kvm.<phase>.<counter>".
 */
void run_phase(struct run *r, const char *name);

/* What the vCPUs are to do next.  The engine fills in the addresses. */
struct run_job {
	enum guest_cmd cmd;
	unsigned int flags;	/* enum guest_flags */
	enum payload_op op;
	uint32_t nr;		/* order entries, 0 = as in the last job or payload */
	uint32_t think;
	uint32_t min_gap;
	uint64_t vcpu_mask;	/* 0 = all; the others stay outside KVM_RUN */
};

/*
 * run_start() releases the vCPUs into the job together and returns at once.
 * run_stop() asks them to stop and waits until all have finished.  run_job()
 * starts the job and waits for its end.  0, or -errno with @why: a guest died,
 * KVM_RUN failed, or the guests did not finish in time.
 */
int run_start(struct run *r, const struct run_job *job, struct reason *why);
int run_stop(struct run *r, struct reason *why);
int run_job(struct run *r, const struct run_job *job, struct reason *why);

/* Make vCPU @i leave KVM_RUN once and enter it again.  Any thread. */
void run_poke(struct run *r, unsigned int i);

/* Host wall time of the last finished job in ns, from first start to last end. */
uint64_t run_job_ns(const struct run *r);
/* TSC ticks that vCPU @vcpu spent in the last finished job. */
uint64_t run_job_tsc(const struct run *r, unsigned int vcpu);
/* Accesses of the last job, added up over the vCPUs. */
uint64_t run_job_accesses(const struct run *r);
/*
 * Wait until every vCPU has completed @rounds more rounds of a job with
 * GUEST_UNTIL_STOP.  0, or -errno with @why, also if a vCPU or an agent has
 * failed; with 0 rounds that is all it tells.
 */
int run_wait_rounds(struct run *r, uint64_t rounds, struct reason *why);

/* Latencies of the last timed job in TSC ticks, merged over the vCPUs. */
void run_latency(const struct run *r, enum payload_op op, struct hist *out);
/* Same, of a GUEST_REMAP job. */
void run_remap_latency(const struct run *r, enum remap_hist which,
		       struct hist *out);
/* The gaps that a stall job saw, in TSC ticks, merged over the vCPUs. */
void run_stalls(const struct run *r, struct hist *out);
/* Empty all of them, before a job. */
void run_latency_reset(struct run *r);

/*
 * Start an agent that calls ops->step() every @period_ns (0 = without a pause)
 * until run_agents_stop().  The topology places its thread.
 */
int run_agent_start(struct run *r, const struct agent_ops *ops, void *arg,
		    uint64_t period_ns, struct reason *why);
/* Stop and join all agents.  Returns 0 or the first failure. */
int run_agents_stop(struct run *r, struct reason *why);
/* The first failure of an agent, or 0.  Agents may still be running. */
int run_agents_failed(const struct run *r, struct reason *why);
/* Durations of agent @i's steps in ns; valid between stop and free. */
const struct hist *run_agent_hist(const struct run *r, unsigned int i);
/* Forget the stopped agents, so that others can be started. */
void run_agents_free(struct run *r);

/*
 * Measure the harness itself in a phase "self" and record "self.*": the cost of
 * a time stamp, of recording a latency in the guest (TSC ticks above the bare
 * loop), and of an empty job's round trip.
 */
int run_record_self_cost(struct run *r, struct reason *why);

#endif
