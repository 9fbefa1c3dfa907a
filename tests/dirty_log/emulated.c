// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the dirty log report writes that KVM makes itself, in place of the guest?
 *
 * KVM emulates instructions that the hardware cannot run for the guest.  A locked
 * one it does on the host's own mapping of the page, past the page tables that
 * protect it, so it has to mark the page by hand: when the value was exchanged,
 * and also when it was not, since hardware then writes the old value back.  The
 * guest asks for emulation by a prefix that KVM knows (force_emulation_prefix).
 *
 * Cannot tell: emulated writes of other kinds, which go the same way as each other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "dirty/dirty.h"
#include "host/host.h"

#define PREFIX "/sys/module/kvm/parameters/force_emulation_prefix"
#define PAGES 64u	/* chosen */

enum { ARG_FAILS };

struct emulated {
	struct bench *b;
	struct dirty log;
	struct dirty_batch batch;
};

static size_t map_bytes(const struct emulated *e)
{
	return dirty_bitmap_longs(e->b->rig->mem.nr_pages) *
	       sizeof(unsigned long);
}

static int harvest(struct emulated *e)
{
	int err;

	memset(e->batch.bitmap, 0, map_bytes(e));
	err = dirty_collect(&e->log, &e->batch, &e->b->why);
	return err ? err : dirty_rearm(&e->log, &e->batch, &e->b->why);
}

static int exchange_all(struct emulated *e, bool fails)
{
	const struct run_job job = {
		.cmd = GUEST_EMULATED, .nr = PAGES, .vcpu_mask = 1,
		.flags = fails ? GUEST_FAIL_EXCHANGE : 0,
	};
	uint32_t i;

	for (i = 0; i < PAGES; i++)
		e->b->rig->orders[0][i] = order_entry(i, OP_WRITE);
	return run_job(e->b->run, &job, &e->b->why);
}

static uint64_t word_of(const struct emulated *e, uint32_t page)
{
	return *(uint64_t *)((char *)rig_unit_hva(e->b->rig, 0, page) +
			     GUEST_UNIT_WORD(0));
}

static void judge(struct emulated *e, bool fails)
{
	uint32_t i, lost = 0, wrong = 0;

	for (i = 0; i < PAGES; i++) {
		lost += !dirty_bit(e->batch.bitmap, i);
		wrong += !fails &&
			 word_of(e, i) != (e->b->rig->jobs[0]->tag ^ i);
	}
	rec_check(e->b->rec, "emulated_write_happened", !wrong,
		  "%u of %u words do not hold what was exchanged", wrong,
		  PAGES);
	rec_check(e->b->rec, "no_lost_write", !lost,
		  "%u of %u pages that KVM wrote for the guest were not reported",
		  lost, PAGES);
}

static int measure(struct emulated *e, bool fails)
{
	int err = bench_populate(e->b);

	if (!err)
		err = dirty_start(&e->log, &e->b->why);
	if (!err)
		err = harvest(e);
	if (!err)
		err = exchange_all(e, fails);
	if (!err)
		err = harvest(e);
	if (!err)
		judge(e, fails);
	return err;
}

static int push_prefix(struct emulated *e)
{
	uint64_t now;

	if (!host_read_u64(PREFIX, &now) && now & 1)
		return 0;
	if (!host_push_write(PREFIX, "1", &e->b->why))
		return 0;
	return reason_skip(&e->b->why, -EOPNOTSUPP,
			   PREFIX " cannot be set; as root, load the kvm module with force_emulation_prefix=1");
}

static int open_rig(struct emulated *e, const char *backend)
{
	struct bench *b = e->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_ANON;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.vcpu_bytes = PAGES * 4096;
	cfg.nr_slots = 1;
	cfg.hooks = dirty_rig_hooks(&e->log);
	err = dirty_open(&e->log, dirty_find(backend, &b->why), 0, 0, &b->why);
	if (!err)
		err = push_prefix(e);
	if (!err)
		err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	e->batch.bitmap = calloc(1, map_bytes(e));
	return e->batch.bitmap ? 0 :
	       reason_set(&b->why, -ENOMEM, "no memory for a bitmap");
}

static int emulated_case(struct bench *b, const struct bench_case *c)
{
	struct emulated e = { .b = b };
	int err = open_rig(&e, c->str);

	if (!err)
		err = measure(&e, c->arg[ARG_FAILS]);
	if (b->rig)
		dirty_stop(&e.log, NULL);
	bench_rig_free(b);
	dirty_close(&e.log);
	free(e.batch.bitmap);
	return err;
}

#define EMULATED(_name, _summary, _backend, _fails) \
	{ .name = "dirty_log.emulated." _name, .summary = _summary, \
	  .fn = emulated_case, .str = _backend, .arg = { _fails } }

static const struct bench_case cases[] = {
	EMULATED("get", "emulated LOCK CMPXCHG, found by KVM_GET_DIRTY_LOG", "get",
		 0),
	EMULATED("ring", "same, found in the dirty ring", "ring", 0),
	EMULATED("fails", "same as get, where the values differ", "get", 1),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "dirty_log/emulated",
		.question = "Does the dirty log report writes that KVM makes in place of the guest?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
