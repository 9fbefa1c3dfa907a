// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does one harvest of dirty pages cost, by backend and by how much of
 * the memory is dirty?
 *
 * Method: in each round the guests write the given share of their pages, in
 * random order, other ones each time, and stop; then the pages are collected
 * and watched again, timed apart.  Bitmap backends pay for every page of the slot, rings only
 * for dirty ones, so the cost is given per round, per page of memory and
 * per dirty page.  Every round is checked against the payload's oracle.
 *
 * What it cannot tell: the price a running guest pays for a harvest (see
 * precopy), and what the faults cost that made the pages dirty (see
 * write_fault).  With a small ring much of the harvest happens in the vCPU
 * threads, before it is asked for: "ring.full_exit_time" has that part.
 */
#include <string.h>

#include "run/rounds.h"
#include "session.h"

enum { ARG_PCT, ARG_RING_ENTRIES };

struct tally {
	struct dirty_tally pages;
	struct hist total_ns;	/* collect + rearm */
	struct hist per_dirty_page_ps;
	struct hist per_page_ps;
	struct rounds rounds;
};

static int one_round(struct dirty_session *s, struct tally *t, uint32_t nr)
{
	struct bench *b = s->b;
	struct run_job job = bench_job(b, OP_WRITE, 0);
	uint64_t ns, dirty = t->pages.expected;
	int err;

	job.nr = nr;
	err = run_job(b->run, &job, &b->why);
	if (!err)
		err = dirty_session_harvest(s);
	if (err)
		return err;
	dirty_session_expect_last_job(s);
	dirty_session_check(s, &t->pages);
	ns = s->d.collect_ns + s->d.rearm_ns;
	hist_add(&t->total_ns, ns);
	rounds_add(&t->rounds, ns);
	dirty = t->pages.expected - dirty;
	if (dirty)
		hist_add(&t->per_dirty_page_ps, ns * 1000 / dirty);
	hist_add(&t->per_page_ps, ns * 1000 / b->rig->mem.nr_pages);
	return 0;
}

static int rounds(struct dirty_session *s, struct tally *t, unsigned int pct)
{
	struct bench *b = s->b;
	uint32_t nr = (uint64_t)rig_vcpu_units(b->rig) * pct / 100;
	uint32_t round;
	int err = 0;

	if (!nr)
		nr = 1;
	for (round = 0; round < b->p.rounds && !err; round++) {
		/*
		 * Other pages each round: what the last harvest left behind,
		 * or did not watch again, would hide among the same ones.
		 */
		err = bench_load_order(b, b->p.seed + round);
		if (!err)
			err = one_round(s, t, nr);
	}
	return err;
}

static void record(struct dirty_session *s, const struct tally *t)
{
	struct rec *rec = s->b->rec;

	run_phase(s->b->run, "drain");
	rec_dist(rec, "harvest", &t->total_ns, "ns", 1, BETTER_LOWER);
	rounds_record(rec, "harvest", "ns", &t->rounds);
	dirty_session_record(s);
	if (t->per_dirty_page_ps.n)
		rec_dist(rec, "harvest.per_dirty_page", &t->per_dirty_page_ps,
			 "ns", 0.001, BETTER_LOWER);
	rec_dist(rec, "harvest.per_page", &t->per_page_ps, "ns", 0.001,
		 BETTER_LOWER);
	dirty_session_record_checks(s, &t->pages);
}

static int case_harvest(struct bench *b, const struct bench_case *c)
{
	struct dirty_setup setup = dirty_setup_of(b, c->str);
	static struct tally t;
	struct dirty_session s;
	int err;

	memset(&t, 0, sizeof(t));
	setup.ring_entries = c->arg[ARG_RING_ENTRIES];
	err = dirty_session_open(&s, b, &setup);
	if (!err)
		err = run_record_self_cost(b->run, &b->why);
	if (!err)
		err = dirty_session_start(&s);
	/* The first harvest finds what enabling left behind, and arms. */
	if (!err)
		err = dirty_session_harvest(&s);
	if (!err) {
		dirty_session_forget(&s);
		run_phase(b->run, "measure");
		err = rounds(&s, &t, c->arg[ARG_PCT]);
	}
	if (!err)
		record(&s, &t);
	dirty_session_close(&s);
	return err;
}

#define HARVEST(backend, pct) { \
	.name = "dirty_log.harvest." backend ".pct" #pct, .str = backend, \
	.summary = "collect and rearm with " #pct " % of the pages dirty", \
	.fn = case_harvest, .arg = { pct, 0 } }
#define ALL_PCTS(backend) HARVEST(backend, 1), HARVEST(backend, 10), \
	HARVEST(backend, 50), HARVEST(backend, 100)

static const struct bench_case cases[] = {
	ALL_PCTS("get"),
	ALL_PCTS("clear"),
	ALL_PCTS("ring"),
	{ .name = "dirty_log.harvest.small_ring.pct100", .str = "ring",
	  .summary = "all pages dirty, through a ring of 1024 entries",
	  .fn = case_harvest, .arg = { 100, 1024 } },
	HARVEST("null", 100),
	{ NULL },
};

static const struct bench_default defaults[] = {
	{ "payload", "uniform" },
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/harvest",
		.question = "What does one harvest of dirty pages cost?",
		.cases = cases,
		.defaults = defaults,
	};

	return bench_main(argc, argv, &prog);
}
