/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of a scenario program: a table of test cases and a main().
 *
 * Each program holds the cases of one question.  Without options it runs all
 * of them and prints a summary; "--list" lists them; "--case NAME" runs one and
 * writes NAME.jsonl.  Every case runs in a process of its own, so a failed
 * assertion of the selftests library, a crash or a hang costs that case only
 * and leaves a record that says so.
 */
#ifndef MMUBENCH_BENCH_H
#define MMUBENCH_BENCH_H

#include "bench/params.h"
#include "probe/probe.h"
#include "record/rec.h"
#include "run/run.h"

struct bench;

struct bench_case {
	const char *name;	/* "dirty_log.harvest.ring.pct10" */
	const char *summary;	/* one line: what is measured */
	/*
	 * Measure.  Returns 0 when it ran (the verdict then follows from checks
	 * and invalid marks), or -errno with b->why, whose ending is the case's.
	 */
	int (*fn)(struct bench *b, const struct bench_case *c);
	/* Free for the scenario: parameters of this case. */
	int arg[6];
	const char *str;
	unsigned int flags;	/* enum bench_flags */
};

enum bench_flags {
	BENCH_NEEDS_2_VCPUS = 1 << 0,
};

/* A common option that has a different default in this program. */
struct bench_default {
	const char *name, *value;
};

struct bench {
	struct params p;	/* effective common options */
	void *own;		/* the program's own options */
	struct rec *rec;
	struct reason why;
	/* Made by bench_rig(), torn down by the frame: */
	struct topo *topo;
	void *home;		/* where this thread might run before */
	struct rig *rig;
	struct run *run;
	struct probe_set *probes;
};

struct bench_program {
	const char *name;	/* "dirty_log/harvest" */
	const char *question;	/* what the program answers, for --help */
	const struct bench_case *cases;	/* ends with an entry without a name */
	const struct opt *opts;	/* own options or NULL */
	size_t own_bytes;	/* size of the struct they fill */
	const struct bench_default *defaults;	/* ends without a name, or NULL */
};

int bench_main(int argc, char **argv, const struct bench_program *prog);

/*
 * Build topology, rig and run engine from b->p.  @cfg, if not NULL, replaces
 * what params_rig_config() makes of the options; start from that.  @nr_agents
 * is the number of agents that will be started.  The calling thread is pinned,
 * too, until the rig is freed.  0, or -errno with b->why.
 */
int bench_rig(struct bench *b, const struct rig_config *cfg,
	      unsigned int nr_agents);
/* Tear it down, for cases that build several rigs. */
void bench_rig_free(struct bench *b);

/* Make the geometry of vCPU @vcpu's payload from the options and the rig. */
void bench_geom(const struct bench *b, unsigned int vcpu,
		struct payload_geom *g);

/* Load the payload of the options into every vCPU's order table. */
int bench_load_payload(struct bench *b);
/* Same, with @seed instead of the seed of the options. */
int bench_load_order(struct bench *b, uint64_t seed);

/*
 * Populate: let each vCPU write every unit of its memory once, so that host and
 * guest mappings exist for all that will be used.  Begins the phase "populate"
 * and leaves the options' payload loaded.
 */
int bench_populate(struct bench *b);

/*
 * Record check @name: every unit holds what the guests wrote last.  vCPUs are
 * stopped.
 */
void bench_check_content(struct bench *b, const char *name);

/* A job that walks the options' payload with their think time. */
struct run_job bench_job(const struct bench *b, enum payload_op op,
			 unsigned int flags);

#endif
