// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the small pages that KVM makes of a huge one the right ones, with the
 * right rights?
 *
 * Dirty logging splits huge mappings: when it begins (eager) or at the first
 * write to each (lazy).  The guest then reads every page before anybody writes
 * it again, so a small page that stands for the wrong memory is seen; calls code
 * in each; and writes one page and, after a harvest, the others: these must all
 * be reported, so none may have become writable by the split.
 *
 * inside: memslots that begin and end within a huge page, where logging comes
 * and goes.  KVM must not build a huge mapping over such a border again.
 *
 * Cannot tell: whether there were huge mappings, on a KVM without the counters
 * pages_2m; then the checks hold anyhow.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/bench.h"
#include "dirty/dirty.h"
#include "host/host.h"
#include "probe/kstat.h"

#define HUGE_PAGES	512u
#define NR_HUGE		2u
#define EAGER_SPLIT	"/sys/module/kvm/parameters/eager_page_split"
/* Of three memslots, of which each border lies within a huge page. */
#define INSIDE_SLOTS	3u
#define INSIDE_PAGES	(HUGE_PAGES - 8u)
#define TOGGLES		3u	/* chosen */
#define OWN_FAULTS	16	/* of code, stack and job; chosen */

enum how { EAGER, LAZY, INSIDE };

struct huge {
	struct bench *b;
	enum how how;
	struct dirty log;
	struct dirty_batch batch;
	uint32_t nr_pages;
	uint64_t salt;		/* of the words that are in memory now */
	uint32_t bad_content, lost, nr_lost_checks;
	int64_t exec_faults;
};

/* ---- jobs -------------------------------------------------------------------- */

static int access_pages(struct huge *h, enum payload_op op, uint32_t first,
			uint32_t nr)
{
	const struct run_job job = { .cmd = GUEST_ACCESS, .op = op, .nr = nr };
	uint32_t i;

	for (i = 0; i < nr; i++)
		h->b->rig->orders[0][i] = order_entry(first + i, op);
	return run_job(h->b->run, &job, &h->b->why);
}

static uint64_t word_of(const struct huge *h, uint32_t page)
{
	return h->salt * (page + 1ull);
}

/* The host writes a word of its own into each page. */
static void stamp(struct huge *h)
{
	uint32_t i;

	h->salt += 0x9e3779b97f4a7c15ull;
	for (i = 0; i < h->nr_pages; i++)
		*(uint64_t *)((char *)rig_unit_hva(h->b->rig, 0, i) +
			      GUEST_UNIT_WORD(0)) = word_of(h, i);
}

/* What the guest reads in each page is what the host wrote into it. */
static int check_words(struct huge *h)
{
	struct guest_job *job = h->b->rig->jobs[0];
	uint32_t i;
	int err = 0;

	for (i = 0; i < h->nr_pages && !err; i++) {
		job->sum = 0;
		err = access_pages(h, OP_READ, i, 1);
		h->bad_content += !err && job->sum != word_of(h, i);
	}
	return err;
}

/* The same by one job; page by page only if that finds something. */
static int check_content(struct huge *h)
{
	struct guest_job *job = h->b->rig->jobs[0];
	uint64_t sum = 0;
	uint32_t i;
	int err;

	for (i = 0; i < h->nr_pages; i++)
		sum += word_of(h, i);
	job->sum = 0;
	err = access_pages(h, OP_READ, 0, h->nr_pages);
	if (err || job->sum == sum)
		return err;
	err = check_words(h);
	/* Two errors, or one that went away. */
	h->bad_content += !err && !h->bad_content;
	return err;
}

/* ---- the log ----------------------------------------------------------------- */

static size_t map_bytes(const struct huge *h)
{
	return dirty_bitmap_longs(h->b->rig->mem.nr_pages) *
	       sizeof(unsigned long);
}

static int harvest(struct huge *h)
{
	int err;

	memset(h->batch.bitmap, 0, map_bytes(h));
	err = dirty_collect(&h->log, &h->batch, &h->b->why);
	return err ? err : dirty_rearm(&h->log, &h->batch, &h->b->why);
}

/* Write [first, first + nr) and find all of it in the next harvest. */
static int write_and_find(struct huge *h, uint32_t first, uint32_t nr)
{
	uint32_t i;
	int err = access_pages(h, OP_WRITE, first, nr);

	if (!err)
		err = harvest(h);
	for (i = first; i < first + nr && !err; i++)
		h->lost += !dirty_bit(h->batch.bitmap, i);
	h->nr_lost_checks += nr;
	return err;
}

/* ---- split ------------------------------------------------------------------- */

/* Each page is mapped and executable: calls into it need no fault. */
static int check_exec(struct huge *h)
{
	struct kstat_snap *before = kstat_snap(h->b->rig->kstat), *after;
	int err = access_pages(h, OP_EXEC, 0, h->nr_pages);

	after = kstat_snap(h->b->rig->kstat);
	h->exec_faults = kstat_delta(before, after, "pf_taken");
	kstat_snap_free(before);
	kstat_snap_free(after);
	return err;
}

static void record_2m(const struct huge *h, const char *name)
{
	struct kstat_snap *snap = kstat_snap(h->b->rig->kstat);

	rec_value(h->b->rec, name, kstat_value(snap, "pages_2m"), "mappings",
		  BETTER_NONE);
	kstat_snap_free(snap);
}

static int map_all(struct huge *h)
{
	int err = access_pages(h, OP_WRITE, 0, h->nr_pages);

	stamp(h);
	return err ? err : access_pages(h, OP_EXEC, 0, h->nr_pages);
}

/* One page of each huge one first, which splits it if the start has not. */
static int split(struct huge *h)
{
	uint32_t i;
	int err = map_all(h);

	record_2m(h, "pages_2m.before");
	if (!err)
		err = dirty_start(&h->log, &h->b->why);
	if (!err && h->how == EAGER)
		err = check_exec(h);
	if (!err && h->how == EAGER)
		err = check_content(h);
	for (i = 0; i < NR_HUGE && !err; i++)
		err = write_and_find(h, i * HUGE_PAGES + 3, 1);
	if (!err)
		stamp(h);
	if (!err)
		err = check_content(h);
	record_2m(h, "pages_2m.split");
	/* Not those that have been written, and in pieces: neighbours last. */
	for (i = 0; i < NR_HUGE && !err; i++)
		err = write_and_find(h, i * HUGE_PAGES + 4, HUGE_PAGES - 4);
	return err ? err : write_and_find(h, 0, h->nr_pages);
}

static int toggle_once(struct huge *h)
{
	int err = map_all(h);

	if (!err)
		err = check_content(h);
	if (!err)
		err = dirty_start(&h->log, &h->b->why);
	if (!err)
		err = check_content(h);
	if (!err)
		err = write_and_find(h, 0, h->nr_pages);
	stamp(h);
	if (!err)
		err = dirty_stop(&h->log, &h->b->why);
	/* Reads that may map huge pages again. */
	return err ? err : check_content(h);
}

static int toggles(struct huge *h)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < TOGGLES && !err; i++)
		err = toggle_once(h);
	return err;
}

/* ------------------------------------------------------------------------------ */

/* KVM's own choice would do where it cannot be changed; then both are alike. */
static int push_eager_split(struct huge *h)
{
	const char *want = h->how == EAGER ? "Y" : "N";
	char now[8];

	if (h->how == INSIDE)
		return 0;
	if (host_read(EAGER_SPLIT, now, sizeof(now)) < 0)
		return reason_skip(&h->b->why, -EOPNOTSUPP,
				   "no kvm.eager_page_split (Linux 5.17)");
	if (!strcmp(now, want) || !host_push_write(EAGER_SPLIT, want, &h->b->why))
		return 0;
	return reason_skip(&h->b->why, -EOPNOTSUPP,
			   EAGER_SPLIT " cannot be changed here; load the kvm module with eager_page_split=%s",
			   want);
}

static int open_rig(struct huge *h)
{
	struct bench *b = h->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	/* Shadow paging maps huge only what the guest maps so. */
	cfg.guest_page_bytes = h->how == INSIDE ? 4096 : HUGE_PAGES * 4096;
	cfg.unit_bytes = 4096;
	cfg.exec = true;
	cfg.backing = h->how == INSIDE ? BACKING_ANON : BACKING_THP;
	cfg.nr_slots = h->how == INSIDE ? INSIDE_SLOTS : 1;
	h->nr_pages = h->how == INSIDE ? INSIDE_SLOTS * INSIDE_PAGES :
					 NR_HUGE * HUGE_PAGES;
	cfg.vcpu_bytes = h->nr_pages * 4096ull;
	cfg.hooks = dirty_rig_hooks(&h->log);
	err = dirty_open(&h->log, dirty_find("get", &b->why), 0, 0, &b->why);
	if (!err)
		err = push_eager_split(h);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	madvise(b->rig->mem.hva, cfg.vcpu_bytes, MADV_HUGEPAGE);
	h->batch.bitmap = calloc(1, map_bytes(h));
	return h->batch.bitmap ? 0 :
	       reason_set(&b->why, -ENOMEM, "no memory for a bitmap");
}

static void record(struct huge *h)
{
	struct rec *rec = h->b->rec;

	rec_check(rec, "content_through_split", !h->bad_content,
		  "%u pages of %u held another page's word", h->bad_content,
		  h->nr_pages);
	rec_check(rec, "no_lost_write", !h->lost,
		  "%u of %u written pages were not reported", h->lost,
		  h->nr_lost_checks);
	if (h->how == EAGER && kstat_has(h->b->rig->kstat, "pf_taken"))
		rec_check(rec, "exec_through_split",
			  h->exec_faults <= OWN_FAULTS,
			  "calls into %u mapped pages took %" PRId64 " faults",
			  h->nr_pages, h->exec_faults);
}

static int huge_case(struct bench *b, const struct bench_case *c)
{
	struct huge h = { .b = b, .how = c->arg[0] };
	int err = open_rig(&h);

	if (!err)
		err = h.how == INSIDE ? toggles(&h) : split(&h);
	if (!err)
		record(&h);
	if (b->rig)
		dirty_stop(&h.log, NULL);
	bench_rig_free(b);
	dirty_close(&h.log);
	free(h.batch.bitmap);
	return err;
}

#define HUGE(_name, _summary, _how) \
	{ .name = "dirty_log.huge." _name, .summary = _summary, \
	  .fn = huge_case, .arg = { _how } }

static const struct bench_case cases[] = {
	HUGE("eager", "huge pages that are split when the log begins", EAGER),
	HUGE("lazy", "huge pages that are split by a write", LAZY),
	HUGE("inside", "memslots whose borders lie within huge pages", INSIDE),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "dirty_log/huge",
		.question = "Are the small pages that KVM makes of a huge one the right ones, with the right rights?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
