// SPDX-License-Identifier: GPL-2.0-only
/*
 * The figures that cover letters of MMU patches quote: how long do populate,
 * enable, one dirtying iteration, get, clear and disable take?
 *
 * Method: the protocol of the kernel's dirty_log_perf_test, step by step:
 * populate, enable dirty logging, then --rounds times: every vCPU writes
 * every page in order, the log is read, the log is cleared; then disable.
 * A dirtying iteration is timed in the host, from the moment the vCPUs are
 * let go until the last one has finished.  "clear_allset" is what upstream
 * does by default, "get" its option -g.  tools/compare-upstream puts both
 * beside each other.
 *
 * What it cannot tell: the latency of a single write (see write_fault).
 */
#include <string.h>

#include "base/timing.h"
#include "run/rounds.h"
#include "session.h"

enum { ARG_ALL_SET };

struct steps {
	struct dirty_session s;
	struct hist dirty_ns, enable_ns, disable_ns;
	struct rounds dirty;
	struct dirty_tally pages;
};

static int one_iteration(struct steps *st, bool first_of_all_set)
{
	struct bench *b = st->s.b;
	const struct run_job job = bench_job(b, OP_WRITE, 0);
	uint64_t begin_ns = timing_now_ns(), ns;
	int err;

	err = run_job(b->run, &job, &b->why);
	ns = timing_now_ns() - begin_ns;
	if (!err)
		err = dirty_session_harvest(&st->s);
	if (err)
		return err;
	hist_add(&st->dirty_ns, ns);
	rounds_add(&st->dirty, ns);
	if (first_of_all_set)
		dirty_session_expect_all(&st->s);
	else
		dirty_session_expect_last_job(&st->s);
	dirty_session_check(&st->s, &st->pages);
	return 0;
}

static int measure(struct steps *st, bool all_set)
{
	uint64_t begin_ns = timing_now_ns();
	uint32_t round;
	int err = dirty_session_start(&st->s);

	if (err)
		return err;
	hist_add(&st->enable_ns, timing_now_ns() - begin_ns);
	for (round = 0; round < st->s.b->p.rounds && !err; round++)
		err = one_iteration(st, all_set && !round);
	if (err)
		return err;
	begin_ns = timing_now_ns();
	err = dirty_session_stop(&st->s);
	if (!err)
		hist_add(&st->disable_ns, timing_now_ns() - begin_ns);
	return err;
}

static void record(struct steps *st)
{
	struct rec *rec = st->s.b->rec;

	run_phase(st->s.b->run, "drain");
	rec_dist(rec, "dirty_memory", &st->dirty_ns, "ns", 1, BETTER_LOWER);
	rounds_record(rec, "dirty_memory", "ns", &st->dirty);
	rec_dist(rec, "enable", &st->enable_ns, "ns", 1, BETTER_LOWER);
	rec_dist(rec, "disable", &st->disable_ns, "ns", 1, BETTER_LOWER);
	dirty_session_record(&st->s);
	dirty_session_record_checks(&st->s, &st->pages);
}

static int case_iteration(struct bench *b, const struct bench_case *c)
{
	struct dirty_setup setup = dirty_setup_of(b, c->str);
	static struct steps st;
	int err;

	memset(&st, 0, sizeof(st));
	if (c->arg[ARG_ALL_SET])
		setup.flags |= DIRTY_START_ALL_SET;
	err = dirty_session_open(&st.s, b, &setup);
	if (!err)
		err = run_record_self_cost(b->run, &b->why);
	if (!err) {
		run_phase(b->run, "measure");
		err = measure(&st, c->arg[ARG_ALL_SET]);
	}
	if (!err)
		record(&st);
	dirty_session_close(&st.s);
	return err;
}

#define ITERATION(what, backend, all_set) { \
	.name = "dirty_log.iteration." what, .str = backend, \
	.summary = "populate, enable, dirty, get, clear, disable", \
	.fn = case_iteration, .arg = { all_set } }

static const struct bench_case cases[] = {
	ITERATION("clear_allset", "clear", 1),
	ITERATION("get", "get", 0),
	ITERATION("ring", "ring", 0),
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/iteration",
		.question = "How long does each step of dirty logging take?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
