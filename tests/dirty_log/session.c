// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common steps of the dirty-logging scenarios, see session.h.
 *
 * Harvests are timed inside dirty_collect() and dirty_rearm(), so that the
 * bookkeeping here is not part of them.  What it cannot tell: which part of
 * the time KVM spent flushing TLBs; see the counters of the phase for that.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dirty/oracle.h"
#include "session.h"

struct dirty_setup dirty_setup_of(const struct bench *b, const char *backend)
{
	return (struct dirty_setup) {
		.backend = backend, .backing = b->p.backing,
		.guest_page_bytes = b->p.guest_page_bytes, .op = OP_WRITE,
	};
}

/* Smallest ring that holds every page of one vCPU's share. */
static uint32_t ring_for(const struct rig_config *cfg)
{
	uint64_t pages = cfg->vcpu_bytes / 4096;
	uint32_t entries = 1024;

	/* KVM keeps up to 64 + 512 entries in reserve and stops at 65536. */
	while (entries < pages + 1024 && entries < 65536)
		entries *= 2;
	return entries;
}

static size_t bitmap_bytes(const struct dirty_session *s)
{
	return dirty_bitmap_longs(s->b->rig->mem.nr_pages) *
	       sizeof(unsigned long);
}

static int alloc_bitmaps(struct dirty_session *s)
{
	s->batch.bitmap = calloc(1, bitmap_bytes(s));
	s->expect = calloc(1, bitmap_bytes(s));
	if (s->batch.bitmap && s->expect)
		return 0;
	return reason_set(&s->b->why, -ENOMEM, "out of memory for bitmaps");
}

int dirty_session_open(struct dirty_session *s, struct bench *b,
		       const struct dirty_setup *setup)
{
	const struct dirty_ops *ops = dirty_find(setup->backend, &b->why);
	struct rig_config cfg;
	int err;

	memset(s, 0, sizeof(*s));
	s->b = b;
	if (!ops)
		return b->why.err;
	b->p.op = setup->op;
	params_rig_config(&b->p, &cfg);
	cfg.backing = setup->backing;
	cfg.guest_page_bytes = setup->guest_page_bytes;
	cfg.hooks = dirty_rig_hooks(&s->d);
	cfg.host_bytes = setup->host_bytes;
	err = dirty_open(&s->d, ops, setup->flags,
			 setup->ring_entries ? setup->ring_entries :
			 ring_for(&cfg), &b->why);
	if (!err)
		err = bench_rig(b, &cfg, setup->nr_agents);
	if (!err)
		err = alloc_bitmaps(s);
	return err ? err : bench_populate(b);
}

void dirty_session_close(struct dirty_session *s)
{
	if (s->b && s->b->rig)
		dirty_stop(&s->d, NULL);
	if (s->b)
		bench_rig_free(s->b);
	dirty_close(&s->d);
	free(s->batch.bitmap);
	free(s->expect);
	s->batch.bitmap = s->expect = NULL;
}

int dirty_session_start(struct dirty_session *s)
{
	return dirty_start(&s->d, &s->b->why);
}

int dirty_session_stop(struct dirty_session *s)
{
	return dirty_stop(&s->d, &s->b->why);
}

int dirty_session_harvest(struct dirty_session *s)
{
	int err;

	memset(s->batch.bitmap, 0, bitmap_bytes(s));
	err = dirty_collect(&s->d, &s->batch, &s->b->why);
	if (!err)
		err = dirty_rearm(&s->d, &s->batch, &s->b->why);
	if (err)
		return err;
	hist_add(&s->collect_ns, s->d.collect_ns);
	if (s->d.ops->rearm)
		hist_add(&s->rearm_ns, s->d.rearm_ns);
	return 0;
}

void dirty_session_forget(struct dirty_session *s)
{
	hist_reset(&s->collect_ns);
	hist_reset(&s->rearm_ns);
}

static void expect_none(struct dirty_session *s)
{
	memset(s->expect, 0, bitmap_bytes(s));
}

void dirty_session_expect_last_job(struct dirty_session *s)
{
	unsigned int i;

	expect_none(s);
	for (i = 0; i < s->b->rig->cfg.nr_vcpus; i++)
		dirty_oracle_writes(s->b->rig, i, s->expect);
}

static void set_all(const struct dirty_session *s, unsigned long *bitmap)
{
	uint64_t i;

	for (i = 0; i < s->b->rig->mem.nr_pages; i++)
		dirty_set_bit(bitmap, i);
}

void dirty_session_expect_all(struct dirty_session *s)
{
	set_all(s, s->expect);
}

void dirty_session_mark_all(struct dirty_session *s)
{
	set_all(s, s->batch.bitmap);
	s->batch.nr_pages = s->b->rig->mem.nr_pages;
}

void dirty_session_check(const struct dirty_session *s,
			 struct dirty_tally *tally)
{
	struct dirty_diff diff;

	/* A backend that finds nothing promises nothing. */
	if (!(s->d.ops->caps & DIRTY_REAL))
		return;
	dirty_oracle_diff(s->batch.bitmap, s->expect, s->b->rig->mem.nr_pages,
			  &diff);
	if (diff.missing && !tally->missing)
		tally->first_missing = diff.first_missing;
	if (diff.extra && !tally->extra)
		tally->first_extra = diff.first_extra;
	tally->rounds++;
	tally->expected += diff.expected;
	tally->found += diff.found;
	tally->missing += diff.missing;
	tally->extra += diff.extra;
}

static void check_content(struct dirty_session *s)
{
	struct reason why = { "" };
	uint64_t wrong = 0;
	unsigned int i;

	for (i = 0; i < s->b->rig->cfg.nr_vcpus; i++)
		wrong += rig_verify(s->b->rig, i, wrong ? NULL : &why);
	rec_check(s->b->rec, "content", !wrong,
		  "%" PRIu64 " units do not hold what the guest wrote%s%s",
		  wrong, wrong ? ", first " : "", why.text);
}

/*
 * A read that finds its huge page split is a fault that KVM may answer with
 * a writable mapping, which counts as dirty: too much is then no mistake.
 */
static bool reads_may_dirty(const struct bench *b)
{
	return b->p.write_pct < 100 &&
	       rig_backing_page_bytes(b->rig->cfg.backing) > 4096;
}

void dirty_session_record_checks(struct dirty_session *s,
				 const struct dirty_tally *t)
{
	struct rec *rec = s->b->rec;

	check_content(s);
	if (!(s->d.ops->caps & DIRTY_REAL))
		return;
	rec_count(rec, "pages.written", t->expected, "pages", BETTER_NONE);
	rec_count(rec, "pages.found", t->found, "pages", BETTER_NONE);
	rec_check(rec, "no_lost_write", !t->missing,
		  "%" PRIu64 " of %" PRIu64 " written pages were not reported in %" PRIu64 " rounds, first page %" PRIu64,
		  t->missing, t->expected, t->rounds, t->first_missing);
	if (reads_may_dirty(s->b))
		return;
	rec_check(rec, "no_extra_page", !t->extra,
		  "%" PRIu64 " pages were reported that no guest wrote in %" PRIu64 " rounds, first page %" PRIu64,
		  t->extra, t->rounds, t->first_extra);
}

void dirty_session_record(struct dirty_session *s)
{
	struct rec *rec = s->b->rec;

	rec_dist(rec, "collect", &s->collect_ns, "ns", 1, BETTER_LOWER);
	if (s->d.ops->rearm)
		rec_dist(rec, "rearm", &s->rearm_ns, "ns", 1, BETTER_LOWER);
	if (!(s->d.ops->caps & DIRTY_NEEDS_VCPU_EXIT))
		return;
	rec_count(rec, "ring.entries", s->d.entries, "entries", BETTER_NONE);
	rec_count(rec, "ring.entries_reset", s->d.entries_reset, "entries",
		  BETTER_NONE);
	rec_count(rec, "ring.full_exits", s->d.vcpu_exits, "exits",
		  BETTER_NONE);
	rec_count(rec, "ring.full_exit_time", s->d.vcpu_exit_ns, "ns",
		  BETTER_NONE);
}
