// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can a vCPU that never leaves its guest write through what its TLB remembers,
 * past the dirty log?
 *
 * The vCPU counts in one word of the last page of the last memslot.  Beside it
 * the host begins the log (start), or harvests the page (get, clear, ring).
 * What the guest counts after that call has returned has to be in the next
 * harvest.  The word changes all the time, so a page that is not reported is a
 * write that a migration would have lost.
 *
 * Log begin: KVM takes vCPUs out of their guests before it protects pages, so
 * other pages have to keep it busy until this one is back: huge pages, which it
 * splits first.
 *
 * It cannot tell that a flush is missing if something else took the vCPU out
 * of its guest in between; hence the rounds.  Emulators drop the TLB then, so
 * there a vCPU needs a CPU without ticks (nohz_full) to show all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "dirty/dirty.h"
#include "run/counter.h"

/* Chosen: 8 huge pages to split are some ms of work on an emulated CPU. */
#define BYTES	(16ull << 20)
#define HUGE_PAGES 512u
#define ROUNDS	6u	/* of starts, which take tens of ms; chosen */
#define HARVESTS 20u	/* chosen */

enum { ARG_START, ARG_FLAGS };

struct stale {
	struct bench *b;
	struct dirty log;
	struct counter counter;
	struct dirty_batch batch;
	unsigned long *mask;	/* the page that is counted in, alone */
	uint32_t page;
	unsigned int lost, rounds;
};

static bool is_found(const struct stale *s)
{
	return dirty_bit(s->batch.bitmap, s->page);
}

static size_t map_bytes(const struct stale *s)
{
	return dirty_bitmap_longs(s->b->rig->mem.nr_pages) *
	       sizeof(unsigned long);
}

static int collect(struct stale *s)
{
	memset(s->batch.bitmap, 0, map_bytes(s));
	return dirty_collect(&s->log, &s->batch, &s->b->why);
}

/* Of the page alone: a call that protects others would flush for them. */
static int rearm(struct stale *s)
{
	struct dirty_batch one = { .bitmap = s->mask, .nr_pages = 1 };

	return dirty_rearm(&s->log, &one, &s->b->why);
}

/* ---- rig --------------------------------------------------------------------- */

static int open_rig(struct stale *s, const char *backend, unsigned int flags)
{
	struct bench *b = s->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_THP;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.vcpu_bytes = BYTES;
	cfg.nr_slots = 1;
	cfg.hooks = dirty_rig_hooks(&s->log);
	err = dirty_open(&s->log, dirty_find(backend, &b->why), flags, 0,
			 &b->why);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	s->page = b->rig->mem.nr_pages - 1;
	s->batch.bitmap = calloc(1, map_bytes(s));
	s->mask = calloc(1, map_bytes(s));
	if (!s->batch.bitmap || !s->mask)
		return reason_set(&b->why, -ENOMEM, "no memory for bitmaps");
	dirty_set_bit(s->mask, s->page);
	return 0;
}

/* One write to each huge page; on a host that has none, few pages are mapped. */
static int map_huge(struct stale *s)
{
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .op = OP_WRITE,
		.nr = s->b->rig->mem.nr_pages / HUGE_PAGES,
	};
	uint32_t i;

	for (i = 0; i < job.nr; i++)
		s->b->rig->orders[0][i] = order_entry(i * HUGE_PAGES, OP_WRITE);
	return run_job(s->b->run, &job, &s->b->why);
}

static int count_begin(struct stale *s)
{
	return counter_start(&s->counter, s->b->run, s->b->rig, s->page,
			     &s->b->why);
}

static int count_on(struct stale *s)
{
	return counter_wait(&s->counter, 0, &s->b->why);
}

static void judge(struct stale *s)
{
	s->rounds++;
	s->lost += !is_found(s);
}

/* ---- the log begins ---------------------------------------------------------- */

/*
 * A ring is read when the vCPU has left: with page-modification logging the
 * hardware's entries reach it only then.  The last count came before that.
 */
static int harvest(struct stale *s)
{
	int err = 0;

	if (s->log.ops->caps & DIRTY_NEEDS_VCPU_EXIT)
		err = run_stop(s->b->run, &s->b->why);
	return err ? err : collect(s);
}

static int one_start(struct stale *s)
{
	int err = map_huge(s);

	if (!err)
		err = count_begin(s);
	if (!err)
		err = dirty_start(&s->log, &s->b->why);
	if (!err)
		err = count_on(s);
	if (!err)
		err = collect(s);
	if (err)
		return err;
	judge(s);
	err = run_stop(s->b->run, &s->b->why);
	return err ? err : dirty_stop(&s->log, &s->b->why);
}

static int starts(struct stale *s)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ROUNDS && !err && !s->lost; i++)
		err = one_start(s);
	return err;
}

/* ---- harvests ---------------------------------------------------------------- */

/* Until the page is reported; a vCPU with a ring may have to leave for that. */
static int await_report(struct stale *s)
{
	uint64_t give_up = timing_now_ns() + 10000000000ull;
	int err = collect(s);

	while (!err && !is_found(s)) {
		if (timing_now_ns() > give_up)
			return reason_set(&s->b->why, -EIO,
					  "page %u is written all the time and was not reported within 10 s",
					  s->page);
		if (s->log.ops->caps & DIRTY_NEEDS_VCPU_EXIT)
			run_poke(s->b->run, 0);
		timing_sleep_ns(1000000);
		err = collect(s);
	}
	return err;
}

static int one_harvest(struct stale *s)
{
	bool stops = s->log.ops->caps & DIRTY_NEEDS_VCPU_EXIT;
	int err = await_report(s);

	if (!err)
		err = rearm(s);
	if (!err)
		err = count_on(s);
	if (!err)
		err = harvest(s);
	if (err)
		return err;
	judge(s);
	if (!stops)
		return 0;
	err = rearm(s);
	return err ? err : count_begin(s);
}

static int harvests(struct stale *s)
{
	unsigned int i;
	int err = map_huge(s);

	if (!err)
		err = dirty_start(&s->log, &s->b->why);
	if (!err)
		err = count_begin(s);
	for (i = 0; i < HARVESTS && !err && !s->lost; i++)
		err = one_harvest(s);
	return err ? err : run_stop(s->b->run, &s->b->why);
}

/* ------------------------------------------------------------------------------ */

static int stale_case(struct bench *b, const struct bench_case *c)
{
	struct stale s = { .b = b };
	int err = open_rig(&s, c->str, c->arg[ARG_FLAGS]);

	if (!err)
		err = c->arg[ARG_START] ? starts(&s) : harvests(&s);
	if (!err)
		rec_check(b->rec, "no_lost_write", !s.lost,
			  "page %u, which the guest writes all the time, was%s reported in round %u",
			  s.page, s.lost ? " not" : "", s.rounds);
	if (b->rig)
		dirty_stop(&s.log, NULL);
	bench_rig_free(b);
	dirty_close(&s.log);
	free(s.batch.bitmap);
	free(s.mask);
	return err;
}

#define STALE(_name, _summary, _backend, _start, _flags) \
	{ .name = "dirty_log.stale." _name, .summary = _summary, \
	  .fn = stale_case, .str = _backend, .arg = { _start, _flags } }

static const struct bench_case cases[] = {
	STALE("start", "the log begins under a vCPU that never leaves", "get",
	      1, 0),
	STALE("get", "KVM_GET_DIRTY_LOG beside it", "get", 0, 0),
	STALE("clear", "KVM_CLEAR_DIRTY_LOG beside it", "clear", 0, 0),
	STALE("clear_allset", "same, of a log that began with all pages set",
	      "clear", 0, DIRTY_START_ALL_SET),
	STALE("ring", "KVM_RESET_DIRTY_RINGS beside it", "ring", 0, 0),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "dirty_log/stale",
		.question = "Can a vCPU that never leaves its guest write past the dirty log?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
