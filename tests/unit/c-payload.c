// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payload conformance: every member keeps the contract of payload.h, and the
 * guest loop (run in the host) does what the oracle says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "guest/guestcode.h"
#include "guest/job.h"
#include "payload/internal.h"

static const struct payload_geom shapes[] = {
	{ .nr_units = 1, .nr_accesses = 1, .write_pct = 100, .op = OP_WRITE,
	  .zipf_theta = 0.99, .stride_units = 1 },
	{ .nr_units = 7, .nr_accesses = 7, .write_pct = 0, .op = OP_WRITE,
	  .seed = 3, .zipf_theta = 0.5, .stride_units = 3 },
	{ .nr_units = 512, .nr_accesses = 512, .write_pct = 50, .op = OP_RMW,
	  .seed = 9, .vcpu = 2, .zipf_theta = 1.2, .stride_units = 512 },
	{ .nr_units = 100, .nr_accesses = 1000, .write_pct = 10,
	  .op = OP_WRITE, .seed = 1, .zipf_theta = 0.99, .stride_units = 7 },
	{ .nr_units = 1000, .nr_accesses = 10, .write_pct = 100,
	  .op = OP_EXEC, .seed = 1, .zipf_theta = 2, .stride_units = 16 },
};
#define NR_SHAPES (sizeof(shapes) / sizeof(*shapes))

static uint32_t *make_order(const struct payload_ops *p,
			    const struct payload_geom *g)
{
	uint32_t *order = calloc(g->nr_accesses, sizeof(*order));
	struct reason why = { .text = "" };

	assert_non_null(order);
	assert_int_equal(payload_order(p, g, order, &why), 0);
	return order;
}

static void check_one(const struct payload_ops *p, const struct payload_geom *g)
{
	uint32_t *a = make_order(p, g), *b = make_order(p, g), i;
	unsigned int special = 0;

	for (i = 0; i < g->nr_accesses; i++) {
		assert_true(order_unit(a[i]) < g->nr_units);
		assert_int_equal(a[i], b[i]);
		assert_true(order_op(a[i]) == g->op || order_op(a[i]) == OP_READ);
		special += order_op(a[i]) == g->op;
	}
	if (g->write_pct == 100)
		assert_int_equal(special, g->nr_accesses);
	if (g->write_pct == 0)
		assert_int_equal(special, 0);
	if (p->caps & PAYLOAD_ALL_ONCE && g->nr_accesses >= g->nr_units)
		assert_int_equal(payload_touched_units(a, g->nr_units,
						       g->nr_units, ~0u),
				 g->nr_units);
	free(a);
	free(b);
}

static void test_contract(void **state)
{
	unsigned int i, j;

	for (i = 0; payload_members[i]; i++) {
		print_message("# %s: %s\n", payload_members[i]->name,
			      payload_members[i]->summary);
		assert_ptr_equal(payload_find(payload_members[i]->name, NULL),
				 payload_members[i]);
		for (j = 0; j < NR_SHAPES; j++)
			check_one(payload_members[i], &shapes[j]);
	}
	assert_null(payload_find("nonesuch", NULL));
}

static void test_bad_geometry(void **state)
{
	static const struct payload_geom bad[] = {
		{ .nr_units = 0, .nr_accesses = 1 },
		{ .nr_units = 1, .nr_accesses = 0 },
		{ .nr_units = 1, .nr_accesses = 1, .write_pct = 101 },
		{ .nr_units = ORDER_UNIT_MASK + 1, .nr_accesses = 1 },
	};
	uint32_t order[1];
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct reason why = { .text = "" };

		assert_true(payload_order(&payload_seq, &bad[i], order, &why) < 0);
		assert_true(why.text[0]);
	}
}

static void test_seed_matters(void **state)
{
	struct payload_geom g = shapes[2], other = g;
	uint32_t *a, *b, *c;

	g.vcpu = 1;
	other.seed++;
	other.vcpu = 1;
	a = make_order(&payload_uniform, &g);
	b = make_order(&payload_uniform, &other);
	assert_memory_not_equal(a, b, g.nr_accesses * sizeof(*a));
	/* Nor is it the order of another vCPU with another seed. */
	other.vcpu = 0;
	c = make_order(&payload_uniform, &other);
	assert_memory_not_equal(a, c, g.nr_accesses * sizeof(*a));
	free(a);
	free(b);
	free(c);
}

static void test_write_share(void **state)
{
	const struct payload_geom g = {
		.nr_units = 4096, .nr_accesses = 40960, .write_pct = 30,
		.op = OP_WRITE, .seed = 5,
	};
	uint32_t *order = make_order(&payload_seq, &g), i, writes = 0;

	for (i = 0; i < g.nr_accesses; i++)
		writes += order_op(order[i]) == OP_WRITE;
	/* Ten standard deviations around 30 %. */
	assert_in_range(writes, 12288 - 930, 12288 + 930);
	free(order);
}

static void test_zipf_is_skewed(void **state)
{
	const struct payload_geom g = {
		.nr_units = 1000, .nr_accesses = 100000, .zipf_theta = 0.99,
		.seed = 1,
	};
	uint32_t *order = make_order(&payload_zipf, &g), i, hottest = 0;
	uint32_t *hits = calloc(g.nr_units, sizeof(*hits));

	for (i = 0; i < g.nr_accesses; i++)
		hits[order_unit(order[i])]++;
	for (i = 0; i < g.nr_units; i++)
		if (hits[i] > hottest)
			hottest = hits[i];
	/* Rank 1 has 1/H(1000, 0.99) = 13 % of the accesses, uniform 0.1 %. */
	assert_in_range(hottest, 12000, 14500);
	free(order);
	free(hits);
}

/* The brute-force twin of payload_touched_units(). */
static void test_touched_units(void **state)
{
	uint64_t seed = 42;
	unsigned int lap;

	for (lap = 0; lap < 50; lap++) {
		uint32_t nr = 1 + rng_next(&seed) % 100000, i, want = 0;
		uint32_t *order = calloc(2000, sizeof(*order));
		uint8_t *seen = calloc(nr, 1);

		for (i = 0; i < 2000; i++) {
			uint32_t unit = rng_next(&seed) % nr;
			enum payload_op op = rng_next(&seed) % NR_OPS;

			order[i] = order_entry(unit, op);
			if (op == OP_WRITE && !seen[unit]) {
				seen[unit] = 1;
				want++;
			}
		}
		assert_int_equal(payload_touched_units(order, 2000, nr,
						       1u << OP_WRITE), want);
		free(order);
		free(seen);
	}
}

/* ---- the guest loop on host memory ---------------------------------------- */

#define UNITS 512u
#define UNIT_LG2 8u

struct bed {
	struct guest_job job;
	struct guest_hists hists;
	uint32_t order[UNITS];
	char *mem;
};

static struct bed *bed_new(uint32_t cmd, uint32_t flags, enum payload_op op)
{
	const struct payload_geom g = {
		.nr_units = UNITS, .nr_accesses = UNITS, .write_pct = 100,
		.op = OP_WRITE, .seed = 7,
	};
	struct bed *b = calloc(1, sizeof(*b));
	uint32_t i;

	b->mem = calloc(UNITS, 1u << UNIT_LG2);
	assert_int_equal(payload_order(&payload_chase, &g, b->order, NULL), 0);
	for (i = 0; i < UNITS; i++)
		*(uint64_t *)(b->mem + (order_unit(b->order[i]) << UNIT_LG2) +
			      GUEST_UNIT_CHASE) =
			(uint64_t)(uintptr_t)b->mem +
			(order_unit(b->order[(i + 1) % UNITS]) << UNIT_LG2);
	b->job = (struct guest_job) {
		.cmd = cmd, .flags = flags, .op = op, .unit_lg2 = UNIT_LG2,
		.vcpu = 3, .nr = UNITS, .tag = 0x1122334455667788ull,
		.mem_gva = (uint64_t)(uintptr_t)b->mem,
		.order_gva = (uint64_t)(uintptr_t)b->order,
		.hists_gva = (uint64_t)(uintptr_t)&b->hists,
		.chase_start_gva = (uint64_t)(uintptr_t)b->mem +
				   (order_unit(b->order[0]) << UNIT_LG2),
	};
	return b;
}

static void bed_free(struct bed *b)
{
	free(b->mem);
	free(b);
}

static uint64_t *bed_word(struct bed *b, uint32_t unit)
{
	return (uint64_t *)(b->mem + (unit << UNIT_LG2) + GUEST_UNIT_WORD(3));
}

static void test_loop_writes(void **state)
{
	static const uint32_t cmds[] = { GUEST_ACCESS, GUEST_CHASE };
	static const uint32_t flags[] = { 0, GUEST_TIMED, GUEST_MIXED };
	unsigned int c, f, i;

	for (c = 0; c < 2; c++) {
		for (f = 0; f < 3; f++) {
			struct bed *b = bed_new(cmds[c], flags[f], OP_WRITE);

			guestcode_run(&b->job);
			assert_int_equal(b->job.done, UNITS);
			assert_int_equal(b->job.progress, 1);
			for (i = 0; i < UNITS; i++)
				assert_int_equal(*bed_word(b, i),
						 b->job.tag ^ i);
			assert_int_equal(b->hists.op[OP_WRITE].n,
					 flags[f] & GUEST_TIMED ? UNITS : 0);
			bed_free(b);
		}
	}
}

static void test_loop_rmw_and_read(void **state)
{
	struct bed *b = bed_new(GUEST_ACCESS, 0, OP_RMW);
	uint64_t sum = 0;
	unsigned int i;

	guestcode_run(&b->job);
	guestcode_run(&b->job);
	for (i = 0; i < UNITS; i++) {
		assert_int_equal(*bed_word(b, i), 2);
		*bed_word(b, i) = i * 3;
		sum += i * 3;
	}
	b->job.op = OP_READ;
	b->job.sum = 0;
	guestcode_run(&b->job);
	assert_int_equal(b->job.sum, sum);
	bed_free(b);
}

static void test_null_touches_nothing(void **state)
{
	struct bed *b = bed_new(GUEST_NULL, GUEST_TIMED, OP_WRITE);
	unsigned int i;

	guestcode_run(&b->job);
	assert_int_equal(b->job.done, UNITS);
	assert_int_equal(b->hists.op[OP_WRITE].n, UNITS);
	for (i = 0; i < UNITS; i++)
		assert_int_equal(*bed_word(b, i), 0);
	bed_free(b);
}

static void test_stop(void **state)
{
	struct bed *b = bed_new(GUEST_ACCESS, GUEST_UNTIL_STOP, OP_WRITE);

	b->job.stop = 1;
	guestcode_run(&b->job);
	assert_in_range(b->job.done, 1, UNITS);
	bed_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_bad_geometry),
		cmocka_unit_test(test_seed_matters),
		cmocka_unit_test(test_write_share),
		cmocka_unit_test(test_zipf_is_skewed),
		cmocka_unit_test(test_touched_units),
		cmocka_unit_test(test_loop_writes),
		cmocka_unit_test(test_loop_rmw_and_read),
		cmocka_unit_test(test_null_touches_nothing),
		cmocka_unit_test(test_stop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
