// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model that guests judge page tables by: does a walk find what the manuals
 * say, does an access come to the fault that they say, and when may an old
 * translation still be in use?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guest/tables.h"

#define POOL_GPA 0x40000000ull
#define DATA_GPA 0x80000000ull
#define HOLE_GPA 0xb8000000ull
#define NR_TABLES 6u
#define NR_DATA 1024u
#define FULL (PT_P | PT_W | PT_U)
/* Entries 1, 2, 3 and 4 of the tables 0, 1, 2 and 3. */
#define GVA (1ull << 39 | 2ull << 30 | 3ull << 21 | 4ull << 12 | 0x123)

struct bed {
	uint64_t pool[NR_TABLES * 512];
	struct ptwalk_mem mem;
};

static uint64_t *entry(struct bed *b, uint32_t table, uint32_t at)
{
	return &b->pool[table * 512 + at];
}

static int setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	b->mem = (struct ptwalk_mem){
		.pool = b->pool, .pool_gpa = POOL_GPA, .data_gpa = DATA_GPA,
		.hole_gpa = HOLE_GPA, .nr_tables = NR_TABLES,
		.nr_data = NR_DATA, .levels = 4,
	};
	*entry(b, 0, 1) = FULL | (POOL_GPA + 1 * 4096);
	*entry(b, 1, 2) = FULL | (POOL_GPA + 2 * 4096);
	*entry(b, 2, 3) = FULL | (POOL_GPA + 3 * 4096);
	*entry(b, 3, 4) = FULL | (DATA_GPA + 7 * 4096);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* ---- where a walk ends --------------------------------------------------------- */

static void test_ends(void **state)
{
	static const struct {
		const char *name;
		uint32_t table, at;
		uint64_t value;
		enum ptwalk_kind kind;
		uint32_t page, steps;
	} rows[] = {
		{ "data", 3, 4, FULL | (DATA_GPA + 9 * 4096), PTWALK_DATA, 9, 4 },
		{ "a table", 3, 4, FULL | (POOL_GPA + 5 * 4096), PTWALK_TABLE, 5, 4 },
		{ "a hole", 3, 4, FULL | HOLE_GPA, PTWALK_HOLE, 0, 4 },
		{ "beyond the data", 3, 4, FULL | (DATA_GPA + NR_DATA * 4096),
		  PTWALK_ELSEWHERE, 0, 4 },
		{ "not present", 3, 4, FULL & ~PT_P, PTWALK_NONE, 0, 4 },
		{ "not present above", 1, 2, 0, PTWALK_NONE, 0, 2 },
		{ "a large page", 2, 3, FULL | PT_PS | (DATA_GPA + 512 * 4096),
		  PTWALK_DATA, 512 + 4, 3 },
		{ "a large page off its border", 2, 3, FULL | PT_PS | (DATA_GPA + 8192),
		  PTWALK_RSVD, 0, 3 },
		{ "no large page there is", 0, 1, FULL | PT_PS | (POOL_GPA + 4096),
		  PTWALK_RSVD, 0, 1 },
		{ "through data", 1, 2, FULL | DATA_GPA, PTWALK_ELSEWHERE, 0, 2 },
	};
	struct bed *b = *state;
	struct ptwalk w;
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t *e = entry(b, rows[i].table, rows[i].at), was = *e;

		*e = rows[i].value;
		ptwalk(&b->mem, 0, GVA, &w);
		if (w.kind != rows[i].kind || w.nr_steps != rows[i].steps ||
		    ((w.kind == PTWALK_DATA || w.kind == PTWALK_TABLE) &&
		     w.page != rows[i].page))
			fail_msg("%s: kind %u page %u steps %u", rows[i].name,
				 w.kind, w.page, w.nr_steps);
		*e = was;
	}
}

/* A root that is its own child: the last step is an upper entry. */
static void test_recursive(void **state)
{
	struct bed *b = *state;
	struct ptwalk w;

	*entry(b, 0, 5) = FULL | POOL_GPA;
	ptwalk(&b->mem, 0, 5ull << 39 | 5ull << 30 | 5ull << 21 | 1ull << 12, &w);
	assert_int_equal(w.kind, PTWALK_TABLE);
	assert_int_equal(w.page, 1);
	assert_int_equal(w.step[3].table, 0);
}

static void test_five_levels(void **state)
{
	struct bed *b = *state;
	struct ptwalk w;

	b->mem.levels = 5;
	*entry(b, 5, 6) = FULL | POOL_GPA;
	ptwalk(&b->mem, 5, GVA | 6ull << 48, &w);
	assert_int_equal(w.kind, PTWALK_DATA);
	assert_int_equal(w.page, 7);
	assert_int_equal(w.nr_steps, 5);
}

/* ---- what an access comes to ---------------------------------------------------- */

static void test_faults(void **state)
{
	enum { R = 0, W = PTWALK_WRITE, U = PTWALK_USER, F = PTWALK_FETCH,
	       P = PTWALK_PRESENT };
	static const struct {
		uint64_t upper, leaf;
		uint32_t access, want;
	} rows[] = {
		{ FULL, FULL, U | W, PTWALK_GRANTED },
		{ FULL, FULL & ~PT_W, U | W, P | U | W },
		{ FULL & ~PT_W, FULL, U | W, P | U | W },
		{ FULL & ~PT_W, FULL, U | R, PTWALK_GRANTED },
		{ FULL & ~PT_U, FULL, U | R, P | U },
		{ FULL, FULL & ~PT_U, U | F, P | U | F },
		{ FULL | PT_NX, FULL, F, P | F },
		{ FULL | PT_NX, FULL, R, PTWALK_GRANTED },
		{ FULL, FULL & ~PT_W, W, PTWALK_GRANTED },
		{ FULL, FULL & ~PT_W, W | PTWALK_WP, P | W },
		{ FULL, FULL, F | PTWALK_SMEP, P | F },
		{ FULL, FULL & ~PT_U, F | PTWALK_SMEP, PTWALK_GRANTED },
		{ FULL, FULL, R | PTWALK_SMEP, PTWALK_GRANTED },
		{ FULL, FULL, R | PTWALK_SMAP, P },
		{ FULL, FULL, F | PTWALK_SMAP, PTWALK_GRANTED },
		{ FULL, FULL, U | R | PTWALK_SMAP, PTWALK_GRANTED },
		{ FULL, 0, U | W | PTWALK_SMAP, U | W },
		{ FULL | PT_PS, FULL, U, P | U | PTWALK_RESERVED },
	};
	struct bed *b = *state;
	struct ptwalk w;
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*entry(b, 0, 1) = rows[i].upper | (POOL_GPA + 4096);
		*entry(b, 3, 4) = rows[i].leaf | (DATA_GPA + 7 * 4096);
		ptwalk(&b->mem, 0, GVA, &w);
		if (ptwalk_fault(&w, rows[i].access) != rows[i].want)
			fail_msg("row %u: 0x%x instead of 0x%x", i,
				 ptwalk_fault(&w, rows[i].access), rows[i].want);
	}
}

/* ---- when the walk binds --------------------------------------------------------- */

static void test_bound(void **state)
{
	struct tables_guest *t = calloc(1, sizeof(*t));
	struct bed *b = *state;
	struct ptwalk w;

	t->mem = b->mem;
	ptwalk(&t->mem, 0, GVA, &w);
	assert_true(tables_is_bound(t, &w, 3));
	/* One step of the walk was changed after both invalidations. */
	t->changed[2][3] = 5;
	t->spaces[0].flushed = 4;
	t->spaces[0].flushed_gva[3] = 3;
	assert_false(tables_is_bound(t, &w, 3));
	t->spaces[0].flushed_gva[3] = 5;
	assert_true(tables_is_bound(t, &w, 3));
	/* The other address and the other space were not invalidated. */
	assert_false(tables_is_bound(t, &w, 2));
	t->space = 1;
	assert_false(tables_is_bound(t, &w, 3));
	t->spaces[1].flushed = 5;
	assert_true(tables_is_bound(t, &w, 2));
	/* What the host wrote unseen binds nobody, whatever is invalidated. */
	t->changed[2][3] = TABLES_UNBOUND;
	t->spaces[1].flushed = UINT32_MAX - 1;
	assert_false(tables_is_bound(t, &w, 2));
	free(t);
}

/* The watched addresses are canonical, differ, and use the named entries alone. */
static void test_gvas(void **state)
{
	struct tables_guest *t = calloc(1, sizeof(*t));
	uint32_t i, k, level;

	for (t->mem.levels = 4; t->mem.levels <= 5; t->mem.levels++) {
		t->nr_gvas = TABLES_LAST << (t->mem.levels - 1);
		assert_true(t->nr_gvas <= TABLES_MAX_GVAS);
		for (i = 0; i < t->nr_gvas; i++) {
			uint64_t gva = tables_gva(t, i);
			int64_t top = (int64_t)gva >> (12 + 9 * t->mem.levels - 1);

			assert_true(top == 0 || top == -1);
			for (k = 0; k < i; k++)
				assert_true(tables_gva(t, k) != gva);
			for (level = 2; level <= t->mem.levels; level++) {
				k = ptwalk_entry(gva, level);
				assert_true(k == tables_entries[0] ||
					    k == tables_entries[1]);
			}
		}
	}
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recursive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_five_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bound, setup, teardown),
		cmocka_unit_test(test_gvas),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("u-ptwalk", tests, NULL, NULL);
}
