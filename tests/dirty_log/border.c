// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does KVM_CLEAR_DIRTY_LOG protect a huge page whose first page is the last one
 * that it is told to clear?
 *
 * A log that begins with all pages set protects nothing until it is cleared, and
 * KVM clears 64 pages of a slot at a time.  In a slot whose base is no multiple
 * of 64 pages such a group reaches across the border of two huge pages.  The
 * case clears a few pages on both sides of the border, for each last page; then
 * a guest writes the first page behind the border, and the log must say so.
 * Found by reading and seen on stock kernels, see
 * docs/findings/clear-border.md.
 *
 * It shows nothing where the host splits huge pages as they are cleared
 * (kvm.eager_page_split=Y, the default) or maps none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/bench.h"
#include "dirty/dirty.h"
#include "payload/order.h"

#define HUGE_PAGES	512u
/* Slot 1 begins this many pages before a border of huge pages, which would do
 * for any number below 64. */
#define BEFORE		8u
#define SLOT_PAGES	(2 * HUGE_PAGES - BEFORE)
#define MOST_BEHIND	4u	/* pages behind the border that are cleared */

struct border {
	struct bench *b;
	struct dirty log;
	unsigned long *found, *mask;
};

static const uint32_t first_behind = 2 * HUGE_PAGES;

static int open_rig(struct border *t)
{
	struct bench *b = t->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_ANON;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.nr_slots = 3;
	cfg.vcpu_bytes = cfg.nr_slots * SLOT_PAGES * 4096ull;
	cfg.hooks = dirty_rig_hooks(&t->log);
	err = dirty_open(&t->log, dirty_find("clear", &b->why),
			 DIRTY_START_ALL_SET, 0, &b->why);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	t->found = calloc(dirty_bitmap_longs(b->rig->mem.nr_pages),
			  sizeof(*t->found));
	t->mask = calloc(dirty_bitmap_longs(b->rig->mem.nr_pages),
			 sizeof(*t->mask));
	return t->found && t->mask ? 0 :
	       reason_set(&b->why, -ENOMEM, "no memory for bitmaps");
}

static int write_page(struct border *t, uint32_t page)
{
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .op = OP_WRITE, .nr = 1,
	};

	t->b->rig->orders[0][0] = order_entry(page, OP_WRITE);
	return run_job(t->b->run, &job, &t->b->why);
}

static int collect(struct border *t)
{
	struct dirty_batch batch = { .bitmap = t->found };

	memset(t->found, 0, dirty_bitmap_longs(t->b->rig->mem.nr_pages) *
	       sizeof(*t->found));
	return dirty_collect(&t->log, &batch, &t->b->why);
}

/* Clear from the page before the border to @behind pages behind it. */
static int clear_across(struct border *t, uint32_t behind)
{
	const struct dirty_batch batch = { .bitmap = t->mask };
	uint32_t page;

	memset(t->mask, 0, dirty_bitmap_longs(t->b->rig->mem.nr_pages) *
	       sizeof(*t->mask));
	for (page = first_behind - 1; page < first_behind + behind; page++)
		dirty_set_bit(t->mask, page);
	return dirty_rearm(&t->log, &batch, &t->b->why);
}

static int one_mask(struct border *t, uint32_t behind)
{
	int err = write_page(t, first_behind);

	if (!err)
		err = dirty_start(&t->log, &t->b->why);
	if (!err)
		err = collect(t);
	if (!err)
		err = clear_across(t, behind);
	if (!err)
		err = write_page(t, first_behind);
	if (!err)
		err = collect(t);
	if (err)
		return err;
	rec_check(t->b->rec, "no_lost_write", dirty_bit(t->found, first_behind),
		  "page %u was written after pages %u to %u were cleared, and is%s reported",
		  first_behind, first_behind - 1, first_behind + behind - 1,
		  dirty_bit(t->found, first_behind) ? "" : " not");
	return dirty_stop(&t->log, &t->b->why);
}

static int measure(struct border *t)
{
	struct rig *rig = t->b->rig;
	uint32_t behind;
	int err;

	madvise(rig->mem.hva, rig->mem.nr_pages * 4096, MADV_HUGEPAGE);
	err = bench_populate(t->b);
	for (behind = 1; behind <= MOST_BEHIND && !err; behind++)
		err = one_mask(t, behind);
	return err;
}

static int border_case(struct bench *b, const struct bench_case *c)
{
	struct border t = { .b = b };
	int err = open_rig(&t);

	if (!err)
		err = measure(&t);
	if (b->rig)
		dirty_stop(&t.log, NULL);
	bench_rig_free(b);
	dirty_close(&t.log);
	free(t.found);
	free(t.mask);
	return err;
}

static const struct bench_case cases[] = {
	{ .name = "dirty_log.border.clear", .fn = border_case,
	  .summary = "clear pages on both sides of a huge page's border" },
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "dirty_log/border",
		.question = "Does KVM_CLEAR_DIRTY_LOG protect a huge page that it reaches with its last page?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
