// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules of the self-checking guest: is everything legal let through while
 * the host changes pages, and is each kind of violation told?
 *
 * Guests are threads here and the memory is this process's: no KVM, the same
 * code.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "base/rng.h"
#include "guest/stress.h"

#define NR_PAGES 16u
#define NR_VCPUS 3u
#define STEADY 12u

struct bed {
	volatile uint64_t states[NR_PAGES];
	volatile uint64_t recs[NR_VCPUS * NR_PAGES];
	char *mem;
	struct stress_guest *g[NR_VCPUS];
	volatile uint32_t stop;
};

static void weigh(struct stress_guest *g, enum stress_op only)
{
	static const uint32_t all[NR_STRESS_OPS] = { 80, 80, 32, 32, 24, 8 };

	memcpy(g->weights, all, sizeof(all));
	if (only == NR_STRESS_OPS)
		return;
	memset(g->weights, 0, sizeof(g->weights));
	g->weights[only] = 256;
}

static int setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	unsigned int i;

	b->mem = mmap(NULL, NR_PAGES * 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(b->mem != MAP_FAILED);
	for (i = 0; i < NR_VCPUS; i++) {
		b->g[i] = calloc(1, sizeof(*b->g[i]));
		b->g[i]->view = (struct stress_view){
			.states = b->states, .recs = b->recs, .mem = b->mem,
			.seed = 5, .nr_pages = NR_PAGES, .nr_vcpus = NR_VCPUS,
			.first_steady = STEADY, .first_table = NR_PAGES,
		};
		b->g[i]->vcpu = i;
		b->g[i]->rng = i;
		weigh(b->g[i], NR_STRESS_OPS);
	}
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;
	unsigned int i;

	munmap(b->mem, NR_PAGES * 4096);
	for (i = 0; i < NR_VCPUS; i++)
		free(b->g[i]);
	free(b);
	return 0;
}

static uint64_t *unit(struct bed *b, uint32_t page, uint32_t vcpu)
{
	return (uint64_t *)(b->mem + page * 4096ull +
			    vcpu * STRESS_UNIT_BYTES);
}

/* One generation of vCPU 0 in @page, as after a plain store. */
static void put(struct bed *b, uint32_t page, uint32_t gen)
{
	uint64_t value = stress_value(5, 0, page, gen);

	unit(b, page, 0)[0] = value;
	unit(b, page, 0)[1] = ~value;
}

/* ---- what is wrong ------------------------------------------------------------ */

static void older(struct bed *b) { put(b, 1, 6); }
static void gone(struct bed *b) { unit(b, 1, 0)[0] = unit(b, 1, 0)[1] = 0; }
static void elsewhere(struct bed *b)
{
	memcpy(unit(b, 1, 0), unit(b, 2, 0), 16);
}
static void half(struct bed *b) { unit(b, 1, 0)[1] ^= 1ull << 40; }
static void replaced_unseen(struct bed *b) { b->states[1] += 1ull << 32; }
static void nothing(struct bed *b) { }
static void changing(struct bed *b) { b->states[1] |= STRESS_CHANGING; }
static void seen(struct bed *b) { replaced_unseen(b); gone(b); }
static void unsure(struct bed *b)
{
	b->recs[1] = stress_rec(7, 0, 1);
	put(b, 1, 5);
}
static void stamped(struct bed *b)
{
	uint64_t stamp = stress_value(5, STRESS_HOST - 1, 1, 1);

	b->states[1] = 1ull << 32 | STRESS_STAMPED;
	unit(b, 1, 0)[0] = stamp;
	unit(b, 1, 0)[1] = ~stamp;
}
static void old_stamp(struct bed *b)
{
	stamped(b);
	b->states[1] += 1ull << 32;
}

static void lazy_gone(struct bed *b)
{
	b->states[1] = 1ull << 32 | STRESS_LAZY;
	gone(b);
}
static void lazy_kept(struct bed *b) { b->states[1] = 1ull << 32 | STRESS_LAZY; }
static void lazy_half(struct bed *b)
{
	lazy_kept(b);
	unit(b, 1, 0)[1] = 0;
}
static void lazy_later(struct bed *b)
{
	lazy_kept(b);
	put(b, 1, 8);
}
static void lazy_lost(struct bed *b)
{
	lazy_gone(b);
	b->recs[1] = stress_rec(8, 1, 0);
}
static void closed(struct bed *b) { b->states[1] |= STRESS_CLOSED; }

static void test_kinds(void **state)
{
	static const struct {
		const char *name;
		void (*plant)(struct bed *b);
		enum stress_kind kind;
	} rows[] = {
		{ "nothing", nothing, STRESS_OK },
		{ "an older generation", older, STRESS_STALE },
		{ "zeroes", gone, STRESS_LOST },
		{ "another page", elsewhere, STRESS_FOREIGN },
		{ "half a store", half, STRESS_TORN },
		{ "the page of before a change", replaced_unseen, STRESS_STALE },
		{ "a change seen", seen, STRESS_OK },
		{ "a change under way", changing, STRESS_RACED },
		{ "a write that was overtaken", unsure, STRESS_OK },
		{ "a stamp", stamped, STRESS_OK },
		{ "the stamp of before", old_stamp, STRESS_STALE },
		{ "lazily freed, gone", lazy_gone, STRESS_OK },
		{ "lazily freed, still there", lazy_kept, STRESS_OK },
		{ "lazily freed between two reads", lazy_half, STRESS_OK },
		{ "lazily freed, never written", lazy_later, STRESS_STALE },
		{ "lazily freed, written, gone", lazy_lost, STRESS_LOST },
		{ "a read of what is closed", closed, STRESS_PASSED },
	};
	struct bed *b = *state;
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset((void *)b->states, 0, sizeof(b->states));
		put(b, 1, 7);
		put(b, 2, 7);
		b->recs[1] = b->recs[2] = stress_rec(7, 0, 0);
		rows[i].plant(b);
		if (stress_check(&b->g[0]->view, 0, 1, 1, NULL) != rows[i].kind)
			fail_msg("%s", rows[i].name);
	}
}

/* What another vCPU wrote is at least what its record says. */
static void test_others(void **state)
{
	struct bed *b = *state;
	const struct stress_view *v = &b->g[1]->view;

	put(b, 1, 7);
	b->recs[1] = stress_rec(7, 0, 0);
	assert_int_equal(stress_check(v, 0, 1, 0, NULL), STRESS_OK);
	put(b, 1, 8);	/* its writer has not noted it yet */
	assert_int_equal(stress_check(v, 0, 1, 0, NULL), STRESS_OK);
	assert_int_equal(stress_check(v, 0, 1, 1, NULL), STRESS_STALE);
	put(b, 1, 6);
	assert_int_equal(stress_check(v, 0, 1, 0, NULL), STRESS_STALE);
}

/* A store that changes a page whose state says otherwise has got through. */
static void passes(struct bed *b, uint64_t pages_state)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		b->states[i] = pages_state | STRESS_HELD;
	weigh(b->g[0], STRESS_STORE);
	stress_run(b->g[0], &b->stop);
	assert_int_equal(b->g[0]->nr_bad, 1);
	assert_int_equal(b->g[0]->bad[0].kind, STRESS_PASSED);
	assert_int_equal(b->g[0]->done, 1);
}

static void test_readonly(void **state) { passes(*state, STRESS_READONLY); }
static void test_closed(void **state) { passes(*state, STRESS_CLOSED); }

/* ---- what is right ------------------------------------------------------------- */

static void *guest_main(void *arg)
{
	struct { struct bed *b; unsigned int i; } *a = arg;

	stress_run(a->b->g[a->i], &a->b->stop);
	return NULL;
}

/* The host's side of a change, done right. */
static void change(struct bed *b, uint32_t page, int stamp)
{
	uint64_t was = b->states[page], next;
	uint32_t epoch = stress_epoch(was) + 1;
	unsigned int i;

	__atomic_store_n(&b->states[page], was | STRESS_CHANGING,
			 __ATOMIC_SEQ_CST);
	memset(b->mem + page * 4096ull, 0, 4096);
	for (i = 0; stamp && i < NR_VCPUS; i++) {
		uint64_t v = stress_value(5, STRESS_HOST - 1, page, epoch);

		unit(b, page, i)[0] = v;
		unit(b, page, i)[1] = ~v;
	}
	next = (uint64_t)epoch << 32 | (uint32_t)(was + STRESS_SEQ);
	next &= ~(uint64_t)(STRESS_STAMPED | STRESS_CHANGING);
	__atomic_store_n(&b->states[page], next | (stamp ? STRESS_STAMPED : 0),
			 __ATOMIC_SEQ_CST);
}

/*
 * Here a "change" overwrites the page that guests write to, so a racing write
 * may survive in part: only pages that nobody writes while they change can be
 * changed.  Guests read and write the others at the same time.
 */
static void test_race(void **state)
{
	struct { struct bed *b; unsigned int i; } args[NR_VCPUS];
	struct bed *b = *state;
	pthread_t threads[NR_VCPUS];
	uint64_t seed = 3, ops = 0;
	unsigned int i, n;

	for (n = 0; n < 30; n++) {
		b->stop = 0;
		for (i = 0; i < NR_VCPUS; i++) {
			args[i].b = b;
			args[i].i = i;
			assert_int_equal(pthread_create(&threads[i], NULL,
							guest_main, &args[i]), 0);
		}
		while (b->g[0]->done < (n + 1) * 2000ull && !b->g[0]->nr_bad)
			;
		b->stop = 1;
		for (i = 0; i < NR_VCPUS; i++)
			pthread_join(threads[i], NULL);
		for (i = 0; i < 20; i++)
			change(b, rng_next(&seed) % STEADY, n & 1);
	}
	for (i = 0; i < NR_VCPUS; i++) {
		if (b->g[i]->nr_bad)
			fail_msg("vCPU %u: %s in page %u", i,
				 stress_kind_names[b->g[i]->bad[0].kind],
				 b->g[i]->bad[0].page);
		ops += b->g[i]->ops[STRESS_CALL];
	}
	assert_true(ops > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readonly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_race, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("u-stress", tests, NULL, NULL);
}
