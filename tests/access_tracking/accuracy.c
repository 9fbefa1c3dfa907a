// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does aging find exactly the pages that the guest used?
 *
 * Method: in each round a pass ages everything, the guest then uses a known,
 * random part of its pages (the payload's order table is the oracle), and
 * the next pass is compared with it page by page:
 *	false negative	used, but called old
 *	false positive	not used, but called young
 * With a TLB flush between aging and use there is no excuse for a false
 * negative, and none is allowed.  Without one, a stale TLB entry hides the
 * use from the page tables; these are counted, and tell how long
 * translations live on this CPU.
 *
 * A backend that only counts is judged by its count.
 *
 * Cannot tell: pages the backend calls unknown; they are counted apart.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "payload/payload.h"
#include "ager.h"

enum { ARG_PCT, ARG_FLUSH, ARG_COUNT_ONLY };

struct accuracy {
	struct bench *b;
	struct ager ager;
	uint8_t *used;		/* per page of the memory: the oracle */
	uint32_t nr_used;	/* units each vCPU uses in a round */
	uint64_t used_pages, judged_pages;
	uint64_t false_old, false_young, unknown;
	struct rounds misses;	/* false negatives of used pages, ratio */
	struct rounds error;	/* of the count, relative to all pages */
};

/*
 * Choose the pages of this round: the first part of a random order of all, so
 * that used and unused pages lie next to each other.
 */
static int choose(struct accuracy *t, uint32_t round, unsigned int pct)
{
	const struct payload_ops *p = payload_find("uniform", &t->b->why);
	struct bench *b = t->b;
	struct payload_geom g;
	unsigned int i;
	int err = 0;

	for (i = 0; i < b->rig->cfg.nr_vcpus && !err; i++) {
		bench_geom(b, i, &g);
		t->nr_used = (uint64_t)g.nr_units * pct / 100;
		t->nr_used += !t->nr_used;
		g.seed += round;
		g.write_pct = 100;
		err = rig_load_payload(b->rig, i, p, &g, &b->why);
	}
	return err;
}

/* Which 4K pages of the memory the order tables name. */
static void ask_oracle(struct accuracy *t)
{
	const struct rig *rig = t->b->rig;
	uint64_t unit = rig->cfg.unit_bytes, first, page;
	unsigned int i;
	uint32_t j;

	memset(t->used, 0, rig->mem.nr_pages);
	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		struct gpages part = rig_vcpu_pages(rig, i);

		first = (part.gpa - rig->mem.gpa) / 4096;
		for (j = 0; j < t->nr_used; j++) {
			/* An access is to the start of its unit. */
			page = first + order_unit(rig->orders[i][j]) * unit / 4096;
			t->used[page] = 1;
		}
	}
}

static uint64_t count_used(const struct accuracy *t)
{
	uint64_t i, nr = 0;

	for (i = 0; i < t->ager.span.nr_pages; i++)
		nr += t->used[i];
	return nr;
}

static void compare_pages(struct accuracy *t)
{
	const uint8_t *map = t->ager.res.class_map;
	uint64_t i, used = 0, missed = 0;

	for (i = 0; i < t->ager.span.nr_pages; i++) {
		if (map[i] == AGING_UNKNOWN) {
			t->unknown++;
			continue;
		}
		t->judged_pages++;
		used += t->used[i];
		missed += t->used[i] && map[i] == AGING_OLD;
		t->false_young += !t->used[i] && map[i] == AGING_YOUNG;
	}
	t->used_pages += used;
	t->false_old += missed;
	rounds_add(&t->misses, used ? (double)missed / used : 0);
}

static void compare_counts(struct accuracy *t)
{
	double used = count_used(t), young = t->ager.res.young_pages;

	t->used_pages += used;
	t->unknown += t->ager.res.unknown_pages;
	rounds_add(&t->error, (young > used ? young - used : used - young) /
			      t->ager.span.nr_pages);
}

static int one_round(struct accuracy *t, const struct bench_case *c,
		     uint32_t round)
{
	struct run_job job = { .cmd = GUEST_ACCESS, .op = OP_WRITE };
	struct bench *b = t->b;
	int err = choose(t, round, c->arg[ARG_PCT]);

	job.nr = t->nr_used;
	run_phase(b->run, "age");
	if (!err)
		err = c->arg[ARG_FLUSH] ? ager_pass_flush(&t->ager) :
					  ager_pass(&t->ager);
	run_phase(b->run, "use");
	if (!err)
		err = run_job(b->run, &job, &b->why);
	run_phase(b->run, "look");
	if (!err)
		err = ager_pass(&t->ager);
	run_phase(b->run, "between");
	if (err)
		return err;
	ask_oracle(t);
	if (c->arg[ARG_COUNT_ONLY])
		compare_counts(t);
	else
		compare_pages(t);
	return 0;
}

static void record_pages(struct accuracy *t, const struct bench_case *c)
{
	struct rec *rec = t->b->rec;

	rec_count(rec, "false_negatives", t->false_old, "pages", BETTER_LOWER);
	rec_count(rec, "false_positives", t->false_young, "pages", BETTER_LOWER);
	rounds_record(rec, "false_negative_ratio.by_round", "ratio", &t->misses);
	if (c->arg[ARG_FLUSH])
		rec_check(rec, "no_false_negatives", !t->false_old,
			  "%" PRIu64 " of %" PRIu64 " used pages called old",
			  t->false_old, t->used_pages);
	/* Huge pages answer as a whole; elsewhere nothing explains one. */
	if (t->b->rig->cfg.backing == BACKING_ANON)
		rec_check(rec, "few_false_positives",
			  t->false_young * 100 <= t->judged_pages,
			  "%" PRIu64 " of %" PRIu64 " pages called young were not used",
			  t->false_young, t->judged_pages);
}

static void record_counts(struct accuracy *t)
{
	double error = rounds_median(&t->error);

	rec_value(t->b->rec, "count_error", error, "ratio", BETTER_LOWER);
	rounds_record(t->b->rec, "count_error.by_round", "ratio", &t->error);
	/* 10 %: chosen; samples and the harness' own pages are in it */
	rec_check(t->b->rec, "count_is_close", error <= 0.1,
		  "the count of young pages is off by %.3f of all pages", error);
}

static int measure(struct accuracy *t, const struct bench_case *c,
		   unsigned int caps)
{
	const struct ager_params *own = t->b->own;
	struct bench *b = t->b;
	struct ager_mappings before;
	uint32_t i;
	int err = ager_open(&t->ager, b, own->aging, caps);

	if (err)
		return err;
	t->used = calloc(b->rig->mem.nr_pages, 1);
	if (!t->used)
		return reason_set(&b->why, -ENOMEM, "no memory for the oracle");
	ager_mappings(b, &before);
	for (i = 0; i < b->p.rounds && !err; i++)
		err = one_round(t, c, i);
	if (err)
		return err;
	if (c->arg[ARG_COUNT_ONLY])
		record_counts(t);
	else
		record_pages(t, c);
	rec_count(b->rec, "used_pages", t->used_pages, "pages", BETTER_NONE);
	rec_count(b->rec, "unknown_pages", t->unknown, "pages", BETTER_LOWER);
	err = run_record_self_cost(b->run, &b->why);
	if (!err)
		ager_check_kept(b, &before);
	return err;
}

static int accuracy_case(struct bench *b, const struct bench_case *c)
{
	unsigned int caps = c->arg[ARG_COUNT_ONLY] ? 0 : AGING_PER_PAGE;
	const struct ager_params *own = b->own;
	struct accuracy *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return reason_set(&b->why, -ENOMEM, "no memory");
	t->b = b;
	err = ager_enter(b, own->aging, caps);
	if (!err)
		err = bench_rig(b, NULL, 0);
	if (!err)
		err = measure(t, c, caps);
	ager_close(&t->ager);
	free(t->used);
	free(t);
	return err;
}

#define ACCURACY(_name, _pct, _flush, _count, _summary) \
	{ .name = "access_tracking.accuracy." _name, .summary = _summary, \
	  .fn = accuracy_case, \
	  .arg = { [ARG_PCT] = _pct, [ARG_FLUSH] = _flush, \
		   [ARG_COUNT_ONLY] = _count } }

static const struct bench_case cases[] = {
	ACCURACY("pct10", 10, 1, 0, "a tenth of the pages used, TLBs flushed"),
	ACCURACY("pct50", 50, 1, 0, "half of the pages used, TLBs flushed"),
	ACCURACY("stale.pct50", 50, 0, 0, "half used, nothing flushed"),
	ACCURACY("count.pct50", 50, 1, 1, "half used, only counts compared"),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "access_tracking/accuracy",
		.question = "Does aging find exactly the pages a guest used?",
		.cases = cases,
		.opts = ager_opts,
		.own_bytes = sizeof(struct ager_params),
	};

	return bench_main(argc, argv, &prog);
}
