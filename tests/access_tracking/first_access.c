// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the guest pay to use a page again that was aged?
 *
 * Method: all pages are mapped and written; then, in each round, an aging
 * pass and a TLB flush, and the guest times one access to each page
 * ("first").  The same accesses after a flush alone ("flushed") cost the
 * refill of the TLB, and once more ("warm") nothing at all; what aging adds
 * is first less flushed.
 *
 * Where KVM's page tables have no A/D bits an aged page is made not-present
 * and its next use is an access-track fast page fault: exactly one a page.
 * With A/D bits the hardware sets a bit and there is no fault at all.
 * Counters tell which of the two happened, and the check knows which must.
 *
 * Cannot tell: the cost without the flush, when stale TLB entries still
 * serve; see slowdown for what a guest feels.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/timing.h"
#include "probe/kstat.h"
#include "ager.h"

enum { ARG_OP };

struct first {
	struct bench *b;
	struct ager ager;
	enum payload_op op;
	struct hist round, first, flushed, warm;
	struct rounds p50;
	unsigned int caps;	/* wished for, of the backend */
	uint64_t aged_pages;	/* pages that the passes before were able to age */
	int64_t fast_faults, faults;
};

/* One timed access to each page in phase @name; latencies are added to @out. */
static int timed(struct first *f, const char *name, struct hist *out)
{
	const struct run_job job = bench_job(f->b, f->op, GUEST_TIMED);
	struct bench *b = f->b;
	int err;

	run_latency_reset(b->run);
	run_phase(b->run, name);
	err = run_job(b->run, &job, &b->why);
	if (err)
		return err;
	run_phase(b->run, "between");
	run_latency(b->run, f->op, &f->round);
	hist_merge(out, &f->round);
	return 0;
}

static int one_round(struct first *f)
{
	struct bench *b = f->b;
	struct kstat_snap *before, *after;
	int err;

	run_phase(b->run, "age");
	err = ager_pass_flush(&f->ager);
	if (err)
		return err;
	f->aged_pages += f->ager.span.nr_pages - f->ager.res.unknown_pages;
	before = kstat_snap(b->rig->kstat);
	err = timed(f, "first", &f->first);
	after = kstat_snap(b->rig->kstat);
	if (!err) {
		f->fast_faults += kstat_delta(before, after, "pf_fast");
		f->faults += kstat_delta(before, after, "pf_taken");
		rounds_add(&f->p50, hist_quantile(&f->round, 0.5) *
				    timing_ns_per_tsc());
	}
	kstat_snap_free(before);
	kstat_snap_free(after);
	if (!err)
		err = rig_flush_tlbs(b->rig, &b->why);
	if (!err)
		err = timed(f, "flushed", &f->flushed);
	return err ? err : timed(f, "warm", &f->warm);
}

/* 4K pages, each used once by one vCPU: faults can be counted exactly. */
static bool exact(const struct bench *b)
{
	const struct rig_config *cfg = &b->rig->cfg;

	return cfg->backing == BACKING_ANON && cfg->unit_bytes == 4096 &&
	       !cfg->overlap && b->p.payload == 0 && b->rig->kstat &&
	       kstat_has(b->rig->kstat, "pf_fast");
}

/*
 * A backend that ages the whole process ages the guest's code, page tables
 * and order tables too, some 20 pages a round beside those under test.
 */
static double most_per_page(const struct first *f)
{
	double others = f->ager.aging.ops->caps & AGING_PER_PAGE ? 0 : 64;

	return 1.02 + others * f->b->p.rounds / f->aged_pages;
}

static void check_faults(struct first *f)
{
	int expected = ager_faults_per_page();
	double per_page = (double)f->fast_faults / f->aged_pages;

	if (!kstat_has(f->b->rig->kstat, "pf_fast"))
		return;
	rec_value(f->b->rec, "fast_faults_per_aged_page", per_page, "ratio",
		  BETTER_LOWER);
	if (!exact(f->b) || expected < 0)
		return;
	rec_check(f->b->rec,
		  expected ? "one_fast_fault_per_aged_page" :
			     "no_fast_faults_with_ad_bits",
		  per_page >= expected * 0.98 &&
			  per_page <= expected * most_per_page(f),
		  "%" PRId64 " fast faults for %" PRIu64 " aged pages used again",
		  f->fast_faults, f->aged_pages);
}

static void record(struct first *f)
{
	double per_tick = timing_ns_per_tsc();
	struct rec *rec = f->b->rec;

	rec_dist(rec, "first", &f->first, "ns", per_tick, BETTER_LOWER);
	rec_dist(rec, "flushed", &f->flushed, "ns", per_tick, BETTER_LOWER);
	rec_dist(rec, "warm", &f->warm, "ns", per_tick, BETTER_LOWER);
	rounds_record(rec, "first.p50_by_round", "ns", &f->p50);
	rec_count(rec, "aged_pages", f->aged_pages, "pages", BETTER_NONE);
	rec_count(rec, "unknown_pages", f->ager.unknown_pages, "pages",
		  BETTER_LOWER);
	ager_record(&f->ager, "pass");
	check_faults(f);
}

static int measure(struct first *f, const char *aging)
{
	struct bench *b = f->b;
	struct ager_mappings before;
	uint32_t i;
	int err = ager_open(&f->ager, b, aging, f->caps);

	if (err)
		return err;
	ager_mappings(b, &before);
	for (i = 0; i < b->p.rounds && !err; i++)
		err = one_round(f);
	if (err)
		return err;
	record(f);
	return ager_finish(b, &before);
}

static int first_case(struct bench *b, const struct bench_case *c)
{
	const struct ager_params *own = b->own;
	struct first *f = calloc(1, sizeof(*f));
	struct rig_config cfg;
	int err;

	if (!f)
		return reason_set(&b->why, -ENOMEM, "no memory");
	f->b = b;
	f->op = c->arg[ARG_OP];
	b->p.op = f->op;
	params_rig_config(&b->p, &cfg);
	f->caps = AGING_PER_PAGE;
	err = ager_enter_wish(b, own->aging, &f->caps);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (!err)
		err = bench_load_payload(b);
	if (!err)
		err = measure(f, own->aging);
	ager_close(&f->ager);
	free(f);
	return err;
}

#define FIRST(_name, _op, _summary) \
	{ .name = "access_tracking.first_access." _name, .summary = _summary, \
	  .fn = first_case, .arg = { [ARG_OP] = _op } }

static const struct bench_case cases[] = {
	FIRST("read", OP_READ, "first read of an aged page"),
	FIRST("write", OP_WRITE, "first write to an aged page"),
	FIRST("exec", OP_EXEC, "first call into an aged page"),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "access_tracking/first_access",
		.question = "What does the first use of an aged page cost?",
		.cases = cases,
		.opts = ager_opts,
		.own_bytes = sizeof(struct ager_params),
	};

	return bench_main(argc, argv, &prog);
}
