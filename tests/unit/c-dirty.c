// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conformance suite of the dirty-tracking backends.
 *
 * Question: does every member keep the family's contract?  Without KVM: the
 * registry, the wrappers' order of calls and post-conditions (with members
 * made to break them), the bit helpers against a brute-force twin.  With
 * /dev/kvm: every real member finds exactly the pages a guest wrote, finds
 * them again after rearm(), forgets nothing at slot borders, over several
 * vCPUs, over stop and start, with a full ring.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "dirty/internal.h"
#include "dirty/kvm.h"
#include "rawvm.h"

#define NR_PAGES	1337ull	/* three slots, no border at a multiple of 64 */
#define NR_SLOTS	3
#define LONGS		((NR_PAGES + 63) / 64)

static bool has_bit(const unsigned long *map, uint64_t i)
{
	return map[i / 64] >> (i % 64) & 1;
}

/* ---- without KVM --------------------------------------------------------- */

static void test_find(void **state)
{
	struct reason why = { "" };
	unsigned int i;

	for (i = 0; dirty_members[i]; i++) {
		const struct dirty_ops *ops = dirty_members[i];

		assert_ptr_equal(dirty_find(ops->name, &why), ops);
		assert_non_null(ops->summary);
		assert_non_null(ops->probe);
		assert_non_null(ops->collect);
		/* Either collect() rearms or there is a rearm(), not both. */
		if (ops->caps & DIRTY_REAL)
			assert_true(!(ops->caps & DIRTY_COLLECT_REARMS) ==
				    !!ops->rearm);
		assert_true(!(ops->caps & DIRTY_NEEDS_VCPU_EXIT) ==
			    !ops->vcpu_exit);
	}
	assert_null(dirty_find("rnig", &why));
	assert_non_null(strstr(why.text, "rnig"));
	assert_non_null(strstr(why.text, "ring"));
	assert_null(dirty_find("", &why));
}

static void test_open_refuses(void **state)
{
	static const struct {
		const char *backend;
		unsigned int flags;
		uint32_t entries;
		const char *says;
	} rows[] = {
		{ "null", DIRTY_START_ALL_SET, 0, "cannot start" },
		{ "get", DIRTY_START_ALL_SET, 0, "cannot start" },
		{ "ring", DIRTY_START_ALL_SET, 0, "cannot start" },
		{ "null", 1u << 31, 0, "unknown" },
		{ "null", 0, 1000, "power of two" },
		{ "ring", 0, 4095, "power of two" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reason why = { "" };
		struct dirty d;

		assert_int_equal(dirty_open(&d, dirty_find(rows[i].backend, NULL),
					    rows[i].flags, rows[i].entries,
					    &why), -EINVAL);
		assert_non_null(strstr(why.text, rows[i].says));
		dirty_close(&d);	/* must be harmless */
	}
}

static void fake_rig(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->mem.hva = rig;	/* never touched */
	rig->mem.nr_pages = rig->slot_pages = NR_PAGES;
	rig->cfg.nr_slots = 1;
	rig->vm_fd = -1;
}

static void test_order(void **state)
{
	unsigned long map[LONGS] = { 0 };
	struct dirty_batch batch = { .bitmap = map };
	struct reason why;
	struct dirty d;
	struct rig rig;

	fake_rig(&rig);
	assert_int_equal(dirty_open(&d, &dirty_null, 0, 0, &why), 0);
	assert_int_equal(dirty_start(&d, &why), -EINVAL);	/* no VM yet */
	assert_int_equal(dirty_vm_created(&d, &rig, &why), 0);
	assert_int_equal(dirty_vm_created(&d, &rig, &why), -EINVAL);
	assert_int_equal(dirty_collect(&d, &batch, &why), -EINVAL);
	assert_int_equal(dirty_rearm(&d, &batch, &why), -EINVAL);
	assert_int_equal(dirty_start(&d, &why), 0);
	assert_int_equal(dirty_start(&d, &why), -EINVAL);
	assert_int_equal(dirty_collect(&d, &batch, &why), 0);
	assert_int_equal(batch.nr_pages, 0);
	assert_int_equal(dirty_vcpu_exit(&d, 0, &why), 0);
	assert_int_equal(dirty_stop(&d, &why), 0);
	assert_int_equal(dirty_stop(&d, &why), 0);
	assert_int_equal(dirty_collect(&d, &batch, &why), -EINVAL);
	dirty_close(&d);
	dirty_close(&d);
}

static int liar_ok(struct reason *why)
{
	return 0;
}

static int liar_switch(struct dirty *d, struct reason *why)
{
	return 0;
}

static int liar_collect(struct dirty *d, struct dirty_batch *out,
			struct reason *why)
{
	out->nr_pages = NR_PAGES + 1;
	return 0;
}

static int liar_fails(struct dirty *d, struct dirty_batch *out,
		      struct reason *why)
{
	return reason_set(why, -ENXIO, "as told");
}

/* The wrappers must notice a member that breaks the contract or fails. */
static void test_post_conditions(void **state)
{
	struct dirty_ops ops = {
		.name = "liar", .probe = liar_ok, .start = liar_switch,
		.stop = liar_switch, .collect = liar_collect,
	};
	unsigned long map[LONGS] = { 0 };
	struct dirty_batch batch = { .bitmap = map };
	struct reason why;
	struct dirty d;
	struct rig rig;

	fake_rig(&rig);
	assert_int_equal(dirty_open(&d, &ops, 0, 0, &why), 0);
	assert_int_equal(dirty_vm_created(&d, &rig, &why), 0);
	assert_int_equal(dirty_start(&d, &why), 0);
	assert_int_equal(dirty_collect(&d, &batch, &why), -EIO);
	assert_non_null(strstr(why.text, "1338 dirty pages among 1337"));
	assert_int_equal(dirty_rearm(&d, &batch, &why), 0);	/* none: fine */
	ops.collect = liar_fails;
	assert_int_equal(dirty_collect(&d, &batch, &why), -ENXIO);
	dirty_close(&d);

	/* Members that need KVM's ioctls report its errors. */
	ops = dirty_get;
	ops.probe = liar_ok;
	assert_int_equal(dirty_open(&d, &ops, 0, 0, &why), 0);
	rig.slot_flags = calloc(1, sizeof(uint32_t));
	assert_int_equal(dirty_vm_created(&d, &rig, &why), 0);
	assert_int_equal(dirty_start(&d, &why), -EBADF);
	assert_non_null(strstr(why.text, "refuses memslot 0 (0x0, 1337 pages, flags 0x1)"));
	assert_int_equal(dirty_collect(&d, &batch, &why), -EINVAL);
	dirty_close(&d);
	free(rig.slot_flags);
}

static void random_bits(unsigned long *map, unsigned int nr_longs,
			uint64_t *seed)
{
	unsigned int i;

	for (i = 0; i < nr_longs; i++) {
		map[i] = rng_next(seed);
		if (*seed & 1)
			map[i] &= rng_next(seed);
	}
}

static void test_bits(void **state)
{
	uint64_t seed = 7, round, i;

	for (round = 0; round < 3000; round++) {
		uint64_t nr = 1 + rng_next(&seed) % 250;
		uint64_t first = rng_next(&seed) % 200;
		uint64_t longs = dirty_bitmap_longs(first + nr), fresh = 0;
		/* Exact sizes, so that the sanitizer sees a long too many. */
		unsigned long *big = calloc(longs, 8), *ref = calloc(longs, 8);
		unsigned long *small = calloc(dirty_bitmap_longs(nr), 8);

		random_bits(big, longs, &seed);
		random_bits(small, dirty_bitmap_longs(nr), &seed);
		memcpy(ref, big, longs * 8);
		for (i = 0; i < nr; i++) {
			if (!has_bit(small, i))
				continue;
			fresh += !has_bit(ref, first + i);
			ref[(first + i) / 64] |= 1ul << ((first + i) % 64);
		}
		assert_int_equal(dirty_bits_or(big, first, small, nr), fresh);
		assert_memory_equal(big, ref, longs * 8);

		memset(small, 0xa5, dirty_bitmap_longs(nr) * 8);
		for (fresh = 0, i = 0; i < nr; i++)
			fresh += has_bit(ref, first + i);
		assert_int_equal(dirty_bits_take(small, ref, first, nr), fresh);
		for (i = 0; i < dirty_bitmap_longs(nr) * 64; i++)
			assert_int_equal(has_bit(small, i), i < nr &&
					 has_bit(ref, first + i));
		free(big);
		free(ref);
		free(small);
	}
}

/* ---- every real member on KVM ------------------------------------------- */

struct fix {
	struct dirty d;
	struct rawvm vm;
	unsigned long map[LONGS];
	struct dirty_batch batch;
};

static void fix_open(struct fix *f, const struct dirty_ops *ops,
		     unsigned int flags)
{
	struct reason why = { "" };
	int err;

	memset(f, 0, sizeof(*f));
	f->batch.bitmap = f->map;
	err = dirty_open(&f->d, ops, flags, 1024, &why);
	if (!err)
		err = rawvm_create(&f->vm, 2, NR_PAGES, NR_SLOTS, &f->d, &why);
	if (err)
		fail_msg("%s: %s", ops->name, why.text);
	/* Populate before logging: host pages exist, nothing is dirty. */
	assert_int_equal(rawvm_write(&f->vm, 0, &f->d, 0, NR_PAGES, 1), 0);
}

static void fix_close(struct fix *f)
{
	rawvm_destroy(&f->vm);
	dirty_close(&f->d);
}

static void expect(struct fix *f, uint64_t first, uint64_t end, uint64_t step)
{
	struct reason why = { "" };
	uint64_t i, nr = 0;

	memset(f->map, 0, sizeof(f->map));
	if (dirty_collect(&f->d, &f->batch, &why))
		fail_msg("%s: %s", f->d.ops->name, why.text);
	for (i = 0; i < NR_PAGES; i++) {
		bool want = i >= first && i < end && (i - first) % step == 0;

		if (has_bit(f->map, i) != want)
			fail_msg("%s: page %d %s", f->d.ops->name, (int)i,
				 want ? "was written but not found" :
				 "was found but not written");
		nr += want;
	}
	assert_int_equal(f->batch.nr_pages, nr);
	if (dirty_rearm(&f->d, &f->batch, &why))
		fail_msg("%s: %s", f->d.ops->name, why.text);
}

static void must(struct fix *f, int err)
{
	if (err)
		fail_msg("%s: error %d", f->d.ops->name, err);
}

/* Exact pages, found again after rearm(), nothing found twice. */
static void check_exact(struct fix *f)
{
	static const struct { uint64_t first, end, step; } sets[] = {
		{ 0, NR_PAGES, 1 },		/* all */
		{ 0, 1, 1 }, { NR_PAGES - 1, NR_PAGES, 1 },	/* ends */
		{ 445, 447, 1 }, { 891, 893, 1 },	/* slot borders */
		{ 3, NR_PAGES, 7 }, { 0, NR_PAGES, 64 }, { 63, 500, 64 },
		{ 3, NR_PAGES, 7 },		/* again: was it rearmed? */
	};
	unsigned int i;

	expect(f, 0, 0, 1);
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		must(f, rawvm_write(&f->vm, i % 2, &f->d, sets[i].first,
				    sets[i].end, sets[i].step));
		expect(f, sets[i].first, sets[i].end, sets[i].step);
		expect(f, 0, 0, 1);
	}
}

/* Bits of two vCPUs come together; earlier bits in the bitmap are kept. */
static void check_two_vcpus(struct fix *f)
{
	struct reason why;
	uint64_t i;

	must(f, rawvm_write(&f->vm, 0, &f->d, 0, 400, 2));
	must(f, rawvm_write(&f->vm, 1, &f->d, 1, 400, 2));
	expect(f, 0, 400, 1);
	must(f, rawvm_write(&f->vm, 1, &f->d, 390, 410, 1));
	must(f, dirty_collect(&f->d, &f->batch, &why));
	assert_int_equal(f->batch.nr_pages, 10);
	for (i = 0; i < NR_PAGES; i++)
		assert_int_equal(has_bit(f->map, i), i < 410);
	must(f, dirty_rearm(&f->d, &f->batch, &why));
}

/* What is written while tracking is off belongs to nobody. */
static void check_restart(struct fix *f)
{
	struct reason why;

	must(f, rawvm_write(&f->vm, 0, &f->d, 0, 50, 1));
	must(f, dirty_stop(&f->d, &why));
	must(f, rawvm_write(&f->vm, 0, &f->d, 100, 150, 1));
	must(f, dirty_start(&f->d, &why));
	expect(f, 0, 0, 1);
	must(f, rawvm_write(&f->vm, 0, &f->d, 140, 160, 1));
	expect(f, 140, 160, 1);
}

static void run_member(const struct dirty_ops *ops)
{
	struct reason why = { "" };
	struct fix f;

	fix_open(&f, ops, 0);
	must(&f, dirty_start(&f.d, &why));
	check_exact(&f);
	check_two_vcpus(&f);
	check_restart(&f);
	must(&f, dirty_stop(&f.d, &why));
	fix_close(&f);
}

static bool member_runs(const struct dirty_ops *ops)
{
	struct reason why = { "" };

	if (!ops->probe(&why))
		return true;
	print_message("# %s: %s\n", ops->name, why.text);
	assert_int_equal(why.ending, ENDING_SKIP);
	return false;
}

/* Run @test with each member that has one of @caps and that this KVM allows. */
static void each_member(unsigned int caps,
			void (*test)(const struct dirty_ops *ops))
{
	unsigned int i, ran = 0;

	for (i = 0; dirty_members[i]; i++) {
		if (!(dirty_members[i]->caps & caps) ||
		    !member_runs(dirty_members[i]))
			continue;
		test(dirty_members[i]);
		ran++;
	}
	if (!ran)
		skip();
}

static void test_members(void **state)
{
	each_member(DIRTY_REAL, run_member);
}

static void all_set(const struct dirty_ops *ops)
{
	struct reason why = { "" };
	struct fix f;

	fix_open(&f, ops, DIRTY_START_ALL_SET);
	must(&f, dirty_start(&f.d, &why));
	expect(&f, 0, NR_PAGES, 1);
	expect(&f, 0, 0, 1);
	must(&f, rawvm_write(&f.vm, 1, &f.d, 5, 900, 11));
	expect(&f, 5, 900, 11);
	fix_close(&f);
}

static void test_all_set(void **state)
{
	each_member(DIRTY_INITIALLY_SET, all_set);
}

/* More dirty pages than a ring holds: the vCPU's own thread makes room. */
static void full_ring(const struct dirty_ops *ops)
{
	struct reason why = { "" };
	struct fix f;

	fix_open(&f, ops, 0);
	must(&f, dirty_start(&f.d, &why));
	must(&f, rawvm_write(&f.vm, 0, &f.d, 0, NR_PAGES, 1));
	expect(&f, 0, NR_PAGES, 1);
	assert_true(f.d.vcpu_exits >= 1);
	assert_true(f.d.entries >= NR_PAGES);
	assert_int_equal(f.d.entries, f.d.entries_reset);
	fix_close(&f);
}

static void test_full_ring(void **state)
{
	each_member(DIRTY_NEEDS_VCPU_EXIT, full_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_post_conditions),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_all_set),
		cmocka_unit_test(test_full_ring),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dirty", tests, NULL, NULL);
}
