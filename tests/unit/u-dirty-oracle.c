// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle of the dirty-logging scenarios: does it expect the right pages,
 * and does each of its checks notice when something is wrong?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dirty/oracle.h"

#define NR_PAGES 130ull
#define LONGS 3

struct fake {
	struct rig rig;
	struct guest_job jobs[2];
	struct guest_job *job_ptrs[2];
	uint32_t orders[2][8];
	uint32_t *order_ptrs[2];
};

static void fake_init(struct fake *f, bool overlap, unsigned int unit_lg2)
{
	unsigned int i;

	memset(f, 0, sizeof(*f));
	f->rig.cfg.nr_vcpus = 2;
	f->rig.cfg.overlap = overlap;
	f->rig.cfg.vcpu_bytes = 65 * 4096;
	f->rig.mem.nr_pages = NR_PAGES;
	for (i = 0; i < 2; i++) {
		f->job_ptrs[i] = &f->jobs[i];
		f->order_ptrs[i] = f->orders[i];
		f->jobs[i].cmd = GUEST_ACCESS;
		f->jobs[i].op = OP_WRITE;
		f->jobs[i].unit_lg2 = unit_lg2;
		f->jobs[i].nr = f->jobs[i].done = 3;
	}
	f->rig.jobs = f->job_ptrs;
	f->rig.orders = f->order_ptrs;
}

/* Pages expected, as "a b c", to compare with a string. */
static void pages_text(const unsigned long *map, char *buf, size_t size)
{
	unsigned int i;

	buf[0] = 0;
	for (i = 0; i < LONGS * 64; i++)
		if (map[i / 64] >> (i % 64) & 1)
			snprintf(buf + strlen(buf), size - strlen(buf), "%s%u",
				 buf[0] ? " " : "", i);
}

static void test_writes(void **state)
{
	static const struct {
		const char *name;
		uint32_t cmd, flags, op, lg2, done;
		bool overlap;
		const char *want;
	} rows[] = {
		{ "all", GUEST_ACCESS, 0, OP_WRITE, 12, 3, false,
		  "0 2 64 65 67 129" },
		{ "rmw", GUEST_ACCESS, 0, OP_RMW, 12, 3, false,
		  "0 2 64 65 67 129" },
		{ "chase", GUEST_CHASE, 0, OP_WRITE, 12, 3, true, "0 2 64" },
		{ "overlap", GUEST_ACCESS, 0, OP_WRITE, 12, 3, true, "0 2 64" },
		{ "small units", GUEST_ACCESS, 0, OP_WRITE, 11, 3, true,
		  "0 1 32" },
		{ "stopped early", GUEST_ACCESS, 0, OP_WRITE, 12, 1, true, "2" },
		{ "many laps", GUEST_ACCESS, 0, OP_WRITE, 12, 300, true,
		  "0 2 64" },
		{ "nothing done", GUEST_ACCESS, 0, OP_WRITE, 12, 0, true, "" },
		{ "reads", GUEST_ACCESS, 0, OP_READ, 12, 3, true, "" },
		{ "exec", GUEST_ACCESS, 0, OP_EXEC, 12, 3, true, "" },
		{ "null", GUEST_NULL, 0, OP_WRITE, 12, 3, true, "" },
		{ "mixed", GUEST_ACCESS, GUEST_MIXED, OP_READ, 12, 3, true,
		  "0 2" },
	};
	unsigned int i, v;
	struct fake f;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long map[LONGS] = { 0 };
		char got[128];

		fake_init(&f, rows[i].overlap, rows[i].lg2);
		for (v = 0; v < 2; v++) {
			f.orders[v][0] = order_entry(2, OP_WRITE);
			f.orders[v][1] = order_entry(64, OP_READ);
			f.orders[v][2] = order_entry(0, OP_RMW);
			f.jobs[v].cmd = rows[i].cmd;
			f.jobs[v].flags = rows[i].flags;
			f.jobs[v].op = rows[i].op;
			f.jobs[v].done = rows[i].done;
			dirty_oracle_writes(&f.rig, v, map);
		}
		pages_text(map, got, sizeof(got));
		if (strcmp(got, rows[i].want))
			fail_msg("%s: expected pages %s, got %s", rows[i].name,
				 rows[i].want, got);
	}
}

static void test_diff(void **state)
{
	unsigned long expect[LONGS] = { 0xf0, 0, 2 };
	unsigned long found[LONGS] = { 0xf0, 0, 2 };
	struct dirty_diff d;

	dirty_oracle_diff(found, expect, NR_PAGES, &d);
	assert_int_equal(d.expected, 5);
	assert_int_equal(d.found, 5);
	assert_int_equal(d.missing + d.extra, 0);

	found[0] = 0x30;	/* 6 and 7 lost */
	found[1] = 1ul << 63;	/* 127 too many */
	dirty_oracle_diff(found, expect, NR_PAGES, &d);
	assert_int_equal(d.missing, 2);
	assert_int_equal(d.first_missing, 6);
	assert_int_equal(d.extra, 1);
	assert_int_equal(d.first_extra, 127);

	found[2] = 0;		/* the last page of all lost */
	found[0] = 0xf0;
	dirty_oracle_diff(found, expect, NR_PAGES, &d);
	assert_int_equal(d.missing, 1);
	assert_int_equal(d.first_missing, 129);
}

static void test_mirror(void **state)
{
	unsigned long map[LONGS] = { 1ul << 5, 0, 2 };
	char *mem = calloc(NR_PAGES, 4096), *mirror = calloc(NR_PAGES, 4096);
	uint64_t first = 0;
	struct fake f;

	fake_init(&f, true, 12);
	f.rig.mem.hva = mem;
	assert_int_equal(dirty_oracle_stale(&f.rig, mirror, &first), 0);
	mem[5 * 4096 + 4095] = 1;
	mem[129 * 4096] = 1;
	mem[77 * 4096 + 8] = 1;	/* not in the bitmap: a lost write */
	assert_int_equal(dirty_oracle_stale(&f.rig, mirror, &first), 3);
	assert_int_equal(first, 5);
	assert_int_equal(dirty_oracle_mirror(&f.rig, mirror, map), 2);
	assert_int_equal(dirty_oracle_stale(&f.rig, mirror, &first), 1);
	assert_int_equal(first, 77);
	free(mem);
	free(mirror);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_mirror),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dirty_oracle", tests, NULL, NULL);
}
