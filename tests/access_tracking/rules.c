// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does aging leave the rest of the MMU's promises alone?
 *
 * Aging changes entries of KVM's page tables without a TLB flush, and takes
 * their rights away where they have no Accessed bit.  Three rules follow.
 *   log_start   The log begins while no entry is writable, as all were aged, yet
 *               TLBs still hold writable ones: they have to be flushed.  A vCPU
 *               that never leaves writes a page which is aged all the time.
 *   log_read    A read of an aged page gives back the right to read and to
 *               execute, not to write: a write after it has to be logged.
 *   prefetch    What KVM maps along with a page that was used is not used.
 *
 * Cannot tell, of log_start: a missing flush, if the vCPU left its guest between
 * the last aging and the end of the call; hence the rounds.  Emulators drop the
 * TLB then, so there the vCPU needs a CPU without ticks (nohz_full).
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "dirty/dirty.h"
#include "run/counter.h"
#include "ager.h"

/* Protecting them takes a few ms in an emulator; chosen. */
#define LOG_START_BYTES (8ull << 20)
#define OTHER_BYTES	(1ull << 20)
#define LOG_STARTS	12u	/* chosen */
#define GAP_NS		100000u	/* between two agings of a page; chosen */
#define GROUP		8u	/* pages that shadow paging maps at once */

struct rules {
	struct bench *b;
	struct ager ager;
	struct dirty log;
	struct dirty_batch batch;
	uint32_t nr_pages;
	struct counter counter;
	/* log_start: a thread that ages the last page all the time. */
	struct aging one;
	pthread_t thread;
	volatile bool stop;
	int failed;
	struct reason why;
};

static int collect(struct rules *r)
{
	memset(r->batch.bitmap, 0, dirty_bitmap_longs(r->nr_pages) *
				   sizeof(unsigned long));
	return dirty_collect(&r->log, &r->batch, &r->b->why);
}

static int access_pages(struct rules *r, enum payload_op op, uint32_t step)
{
	const struct run_job job = { .cmd = GUEST_ACCESS, .op = op,
				     .nr = r->nr_pages / step };
	uint32_t i;

	for (i = 0; i < job.nr; i++)
		r->b->rig->orders[0][i] = order_entry(i * step, op);
	return run_job(r->b->run, &job, &r->b->why);
}

/* ---- log_start --------------------------------------------------------------- */

static int age_last(struct rules *r)
{
	struct gpages last = r->b->rig->mem;
	struct aging_result res = { 0 };
	uint64_t before = last.nr_pages - 1;

	last.hva = (char *)last.hva + before * 4096;
	last.gpa += before * 4096;
	last.nr_pages = 1;
	return aging_pass(&r->one, &last, &res, &r->why);
}

/*
 * Beside the call that begins the log, on the same CPU: so it has to be let in
 * whenever it wants to.  Without the right to that, it is let in less often.
 */
static void *age_all_the_time(void *arg)
{
	const struct sched_param first = { .sched_priority = 1 };
	struct rules *r = arg;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
	while (!r->stop && !r->failed) {
		r->failed = age_last(r);
		timing_sleep_ns(GAP_NS);
	}
	return NULL;
}

static int start_aging(struct rules *r)
{
	int err = aging_open(&r->one, r->ager.aging.ops, &r->b->why);

	if (!err)
		err = -pthread_create(&r->thread, NULL, age_all_the_time, r);
	return err ? reason_set(&r->b->why, err, "no thread to age with") : 0;
}

static int stop_aging(struct rules *r)
{
	r->stop = true;
	pthread_join(r->thread, NULL);
	aging_close(&r->one);
	if (r->failed)
		r->b->why = r->why;
	return r->failed;
}

static int one_start(struct rules *r, bool *found)
{
	int err = dirty_start(&r->log, &r->b->why);

	if (!err)
		err = counter_wait(&r->counter, 0, &r->b->why);
	if (!err)
		err = collect(r);
	*found = dirty_bit(r->batch.bitmap, r->nr_pages - 1);
	if (!err)
		err = dirty_stop(&r->log, &r->b->why);
	return err;
}

static int starts(struct rules *r)
{
	bool found = true;
	unsigned int i;
	int err = 0;

	for (i = 0; i < LOG_STARTS && !err && found; i++)
		err = one_start(r, &found);
	if (!err)
		rec_check(r->b->rec, "no_lost_write", found,
			  "the page that the guest writes all the time was%s reported in round %u",
			  found ? "" : " not", i);
	return err;
}

static int log_start(struct rules *r)
{
	int err = counter_start(&r->counter, r->b->run, r->b->rig,
				r->nr_pages - 1, &r->b->why), late;

	if (!err)
		err = ager_pass(&r->ager);
	if (!err)
		err = start_aging(r);
	if (err)
		return err;
	err = starts(r);
	late = stop_aging(r);
	if (!err)
		err = late;
	return err ? err : run_stop(r->b->run, &r->b->why);
}

/* ---- log_read ---------------------------------------------------------------- */

static int log_read(struct rules *r)
{
	uint32_t i, lost = 0;
	int err = dirty_start(&r->log, &r->b->why);

	if (!err)
		err = access_pages(r, OP_WRITE, 1);
	if (!err)
		err = collect(r);
	if (!err)
		err = ager_pass_flush(&r->ager);
	if (!err)
		err = access_pages(r, OP_READ, 1);
	if (!err)
		err = access_pages(r, OP_WRITE, 1);
	if (!err)
		err = collect(r);
	if (err)
		return err;
	for (i = 0; i < r->nr_pages; i++)
		lost += !dirty_bit(r->batch.bitmap, i);
	rec_check(r->b->rec, "no_lost_write", !lost,
		  "%u of %u pages that were aged, read and written were not reported",
		  lost, r->nr_pages);
	return 0;
}

/* ---- prefetch ---------------------------------------------------------------- */

static int64_t mapped_4k(const struct rules *r)
{
	struct kstat_snap *snap = kstat_snap(r->b->rig->kstat);
	int64_t pages = kstat_value(snap, "pages_4k");

	kstat_snap_free(snap);
	return pages;
}

static void judge_prefetch(struct rules *r, int64_t mapped)
{
	const uint8_t *map = r->ager.res.class_map;
	uint32_t i, used_old = 0, unused_young = 0;

	for (i = 0; i < r->nr_pages; i++) {
		used_old += i % GROUP == 0 && map[i] == AGING_OLD;
		unused_young += i % GROUP != 0 && map[i] == AGING_YOUNG;
	}
	rec_value(r->b->rec, "mapped_per_used_page",
		  (double)mapped * GROUP / r->nr_pages, "pages", BETTER_NONE);
	rec_check(r->b->rec, "used_pages_are_young", !used_old,
		  "%u of %u used pages are old", used_old, r->nr_pages / GROUP);
	rec_check(r->b->rec, "neighbours_are_old", !unused_young,
		  "%u pages that no guest used are young", unused_young);
}

/* The host's pages stay, and are old; KVM's mappings of them go. */
static int prefetch(struct rules *r)
{
	int64_t before;
	int err = ager_pass(&r->ager);

	if (!err)
		err = rig_recreate_slots(r->b->rig, &r->b->why);
	if (!err)
		err = ager_pass(&r->ager);
	before = mapped_4k(r);
	if (!err)
		err = access_pages(r, OP_READ, GROUP);
	if (!err)
		err = ager_pass(&r->ager);
	if (!err)
		judge_prefetch(r, mapped_4k(r) - before);
	return err;
}

/* ------------------------------------------------------------------------------ */

static int open_rig(struct rules *r, uint64_t bytes)
{
	struct bench *b = r->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_ANON;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.vcpu_bytes = bytes;
	cfg.nr_slots = 1;
	cfg.hooks = dirty_rig_hooks(&r->log);
	err = dirty_open(&r->log, dirty_find("get", &b->why), 0, 0, &b->why);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	r->nr_pages = b->rig->mem.nr_pages;
	r->batch.bitmap = calloc(dirty_bitmap_longs(r->nr_pages),
				 sizeof(unsigned long));
	return r->batch.bitmap ? 0 :
	       reason_set(&b->why, -ENOMEM, "no memory for a bitmap");
}

static int (*const rules[])(struct rules *r) = { log_start, log_read, prefetch };

static int rules_case(struct bench *b, const struct bench_case *c)
{
	const struct ager_params *own = b->own;
	struct rules *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return reason_set(&b->why, -ENOMEM, "no memory");
	r->b = b;
	err = ager_enter(b, own->aging, AGING_PER_PAGE);
	if (!err)
		err = open_rig(r, c->arg[0] ? OTHER_BYTES : LOG_START_BYTES);
	if (!err)
		err = ager_open(&r->ager, b, own->aging, AGING_PER_PAGE);
	if (!err)
		err = rules[c->arg[0]](r);
	ager_close(&r->ager);
	if (b->rig)
		dirty_stop(&r->log, NULL);
	bench_rig_free(b);
	dirty_close(&r->log);
	free(r->batch.bitmap);
	free(r);
	return err;
}

#define RULE(_name, _summary, _rule) \
	{ .name = "access_tracking.rules." _name, .summary = _summary, \
	  .fn = rules_case, .arg = { _rule } }

static const struct bench_case cases[] = {
	RULE("log_start", "the log begins when all pages were aged, under a vCPU that never leaves",
	     0),
	RULE("log_read", "a page of the log is aged, read, and written", 1),
	RULE("prefetch", "neighbours that KVM maps along with a page are not used",
	     2),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "access_tracking/rules",
		.question = "Does aging leave the rest of the MMU's promises alone?",
		.cases = cases,
		.opts = ager_opts,
		.own_bytes = sizeof(struct ager_params),
	};

	return bench_main(argc, argv, &prog);
}
