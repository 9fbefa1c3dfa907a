// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much slower is a guest while its memory is aged all the time?
 *
 * Method: the guest walks its payload for a fixed time, over and over, each
 * access timed: alone, beside an agent that passes with the null backend
 * (what the harness costs), and beside one that ages.  The order of the
 * three rotates from round to round.  Throughput is accesses per second of
 * the guest's run; ratios are taken within a round, against "alone".
 *
 * Errors: with more threads than CPUs the agent takes CPU time from the
 * vCPUs; the ratio against the null agent has that taken out.
 *
 * Cannot tell: faults from TLB misses; the counters of the phases can.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/timing.h"
#include "ager.h"

enum arm { ALONE, BESIDE_NULL, BESIDE_AGER, NR_ARMS };

static const char *const arm_names[] = { "alone", "null_ager", "ager" };

struct slow_params {
	struct ager_params ager;
	uint32_t ms;		/* --ms */
	uint32_t period_us;	/* --period */
};

struct slow {
	struct bench *b;
	const struct slow_params *own;
	struct ager real, null;
	struct hist latency[NR_ARMS], round;
	struct hist steps;		/* of the ageing agent, ns */
	struct rounds rate[NR_ARMS];
	struct rounds ratio, net_ratio;
};

static const struct opt slow_opts[] = {
	{ .name = "aging", .type = OPT_STRING,
	  .offset = offsetof(struct slow_params, ager.aging),
	  .registry = aging_members, .def = "auto",
	  .choices = (const char *const[]){ "auto", NULL },
	  .help = "page-aging interface; auto = the first that sees the guest" },
	{ .name = "ms", .type = OPT_U32,
	  .offset = offsetof(struct slow_params, ms), .def = "100",
	  .min = 1, .max = 3600000, .unit = "ms",
	  .help = "time that the guest runs in each part of a round" },
	{ .name = "period", .type = OPT_U32,
	  .offset = offsetof(struct slow_params, period_us), .def = "0",
	  .unit = "us", .help = "time between aging passes; 0 = no pause" },
	OPT_END
};

static int start_agent(struct slow *s, enum arm arm)
{
	struct ager *a = arm == BESIDE_AGER ? &s->real : &s->null;

	if (arm == ALONE)
		return 0;
	return run_agent_start(s->b->run, &ager_agent, a,
			       s->own->period_us * 1000ull, &s->b->why);
}

static int stop_agent(struct slow *s, enum arm arm)
{
	int err;

	if (arm == ALONE)
		return 0;
	err = run_agents_stop(s->b->run, &s->b->why);
	if (!err && arm == BESIDE_AGER)
		hist_merge(&s->steps, run_agent_hist(s->b->run, 0));
	run_agents_free(s->b->run);
	return err;
}

/* The guest works for --ms under one of the conditions. */
static int one_arm(struct slow *s, enum arm arm)
{
	const struct run_job job = bench_job(s->b, s->b->p.op,
					     GUEST_TIMED | GUEST_UNTIL_STOP);
	struct bench *b = s->b;
	int err, stopped;

	run_latency_reset(b->run);
	run_phase(b->run, arm_names[arm]);
	err = start_agent(s, arm);
	if (err)
		return err;
	err = run_start(b->run, &job, &b->why);
	if (!err) {
		timing_sleep_ns(s->own->ms * 1000000ull);
		err = run_stop(b->run, &b->why);
	}
	stopped = stop_agent(s, arm);
	run_phase(b->run, "between");
	if (err || stopped)
		return err ? err : stopped;
	run_latency(b->run, b->p.op, &s->round);
	hist_merge(&s->latency[arm], &s->round);
	rounds_add(&s->rate[arm], run_job_accesses(b->run) * 1e9 /
				   run_job_ns(b->run));
	return 0;
}

static int one_round(struct slow *s, uint32_t round)
{
	int i, err = 0;
	double alone, null, aged;

	for (i = 0; i < NR_ARMS && !err; i++)
		err = one_arm(s, (enum arm)((round + i) % NR_ARMS));
	if (err)
		return err;
	alone = s->rate[ALONE].v[s->rate[ALONE].nr - 1];
	null = s->rate[BESIDE_NULL].v[s->rate[BESIDE_NULL].nr - 1];
	aged = s->rate[BESIDE_AGER].v[s->rate[BESIDE_AGER].nr - 1];
	rounds_add(&s->ratio, aged / alone);
	rounds_add(&s->net_ratio, aged / null);
	return 0;
}

static void record(struct slow *s)
{
	struct rec *rec = s->b->rec;
	char name[48];
	int i;

	/* The ager's first: it stands for the case in a summary. */
	for (i = NR_ARMS - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "latency.%s", arm_names[i]);
		rec_dist(rec, name, &s->latency[i], "ns", timing_ns_per_tsc(),
			 BETTER_LOWER);
		snprintf(name, sizeof(name), "rate.%s", arm_names[i]);
		rounds_record(rec, name, "accesses/s", &s->rate[i]);
	}
	rec_value(rec, "rate_with_to_without_aging", rounds_median(&s->ratio),
		  "x", BETTER_HIGHER);
	rec_value(rec, "rate_with_to_null_aging", rounds_median(&s->net_ratio),
		  "x", BETTER_HIGHER);
	rounds_record(rec, "rate_with_to_without_aging.by_round", "x",
		      &s->ratio);
	rec_dist(rec, "pass", &s->steps, "ns/page",
		 1.0 / s->real.span.nr_pages, BETTER_LOWER);
	rec_count(rec, "passes", s->real.passes, "passes", BETTER_NONE);
	rec_check(rec, "aged_while_running", s->real.passes > 0,
		  "%" PRIu64 " passes beside the guest", s->real.passes);
}

static int measure(struct slow *s)
{
	struct bench *b = s->b;
	struct ager_mappings before;
	uint32_t i;
	int err = ager_open(&s->real, b, s->own->ager.aging, 0);

	if (!err)
		err = ager_open_null(&s->null, b);
	if (err)
		return err;
	ager_mappings(b, &before);
	for (i = 0; i < b->p.rounds && !err; i++)
		err = one_round(s, i);
	if (err)
		return err;
	record(s);
	return ager_finish(b, &before);
}

static int slow_case(struct bench *b, const struct bench_case *c)
{
	struct slow *s = calloc(1, sizeof(*s));
	int err;

	(void)c;
	if (!s)
		return reason_set(&b->why, -ENOMEM, "no memory");
	s->b = b;
	s->own = b->own;
	err = ager_enter(b, s->own->ager.aging, 0);
	if (!err)
		err = bench_rig(b, NULL, 1);
	if (!err)
		err = bench_load_payload(b);
	if (!err)
		err = measure(s);
	ager_close(&s->real);
	ager_close(&s->null);
	free(s);
	return err;
}

static const struct bench_case cases[] = {
	{ .name = "access_tracking.slowdown",
	  .summary = "guest throughput and latency while memory is aged",
	  .fn = slow_case },
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "access_tracking/slowdown",
		.question = "How much slower is a guest that is being aged?",
		.cases = cases,
		.opts = slow_opts,
		.own_bytes = sizeof(struct slow_params),
	};

	return bench_main(argc, argv, &prog);
}
