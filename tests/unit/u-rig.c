// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rig without KVM: bad configurations are refused with a sentence, the
 * oracle knows what a job wrote and sees a single wrong or lost word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guest/guestcode.h"
#include "payload/payload.h"
#include "rig/internal.h"

#define MIB ((uint64_t)1 << 20)

static struct rig_config good(void)
{
	return (struct rig_config) {
		.nr_vcpus = 2, .vcpu_bytes = 2 * MIB, .guest_page_bytes = 4096,
		.unit_bytes = 4096, .nr_slots = 1, .node = -1,
	};
}

static void set_zero_vcpus(struct rig_config *c) { c->nr_vcpus = 0; }
static void set_zero_bytes(struct rig_config *c) { c->vcpu_bytes = 0; }
static void set_odd_bytes(struct rig_config *c) { c->vcpu_bytes = 4097; }
static void set_huge(struct rig_config *c) { c->vcpu_bytes = UINT64_MAX / 4096 * 4096; }
static void set_guest_page(struct rig_config *c) { c->guest_page_bytes = 8192; }
static void set_odd_2m(struct rig_config *c)
{
	c->backing = BACKING_HUGETLB_2M;
	c->vcpu_bytes = 3 * MIB;
}
static void set_tiny_unit(struct rig_config *c) { c->unit_bytes = 32; }
static void set_odd_unit(struct rig_config *c) { c->unit_bytes = 96; }
static void set_shared_unit(struct rig_config *c)
{
	c->overlap = true;
	c->nr_vcpus = 8;
	c->unit_bytes = 64;
}
static void set_zero_slots(struct rig_config *c) { c->nr_slots = 0; }
static void set_odd_slots(struct rig_config *c) { c->nr_slots = 3; }
static void set_low_gpa(struct rig_config *c) { c->gpa = 1 * MIB; }
static void set_odd_gpa(struct rig_config *c) { c->gpa = (1ull << 40) + 5; }

static void set_large_unit(struct rig_config *c) { c->unit_bytes = 4 * MIB; }
static void set_many_units(struct rig_config *c)
{
	c->vcpu_bytes = MIB << 20;
	c->unit_bytes = 64;
}
static void set_tiny_slots(struct rig_config *c)
{
	c->guest_page_bytes = 2 * MIB;
	c->nr_slots = 1024;
}

/* The sentence begins with what is wrong. */
static const struct {
	const char *name;
	void (*spoil)(struct rig_config *);
	const char *says;
} bad_rows[] = {
	{ "no vCPUs", set_zero_vcpus, "vCPUs: 0" },
	{ "no memory", set_zero_bytes, "memory per vCPU: 0" },
	{ "part of a page", set_odd_bytes, "memory per vCPU: 4097" },
	{ "more than the address space", set_huge, "memory per vCPU: " },
	{ "guest page size", set_guest_page, "guest page: " },
	{ "part of a huge page", set_odd_2m, "memory per vCPU: 3M" },
	{ "unit too small", set_tiny_unit, "unit: 32" },
	{ "unit no power of two", set_odd_unit, "unit: 96" },
	{ "unit too small to share", set_shared_unit, "unit: 64" },
	{ "unit larger than the memory", set_large_unit, "unit: 4M" },
	{ "too many units", set_many_units, "unit: the 1T" },
	{ "memslots below a guest page", set_tiny_slots, "memslots: 4M" },
	{ "no memslots", set_zero_slots, "memslots: 4M" },
	{ "uneven memslots", set_odd_slots, "memslots: 4M" },
	{ "gpa in the low hole", set_low_gpa, "guest physical address: 0x100000" },
	{ "gpa not aligned", set_odd_gpa, "guest physical address: 0x10000000005" },
};

static void test_bad_configs(void **state)
{
	struct rig_config cfg = good();
	unsigned int i;

	assert_int_equal(rig_check_sizes(&cfg, NULL, NULL), 0);
	for (i = 0; i < sizeof(bad_rows) / sizeof(*bad_rows); i++) {
		struct reason why = { .text = "" };

		cfg = good();
		bad_rows[i].spoil(&cfg);
		if (rig_check_sizes(&cfg, NULL, &why) != -EINVAL ||
		    strncmp(why.text, bad_rows[i].says,
			    strlen(bad_rows[i].says)))
			fail_msg("%s: '%s'", bad_rows[i].name, why.text);
		if (strchr(why.text, '\n'))
			fail_msg("%s: more than a sentence", bad_rows[i].name);
		if (why.ending != ENDING_USAGE)
			fail_msg("%s: ending %d", bad_rows[i].name, why.ending);
	}
}

static void test_too_much_memory(void **state)
{
	struct rig_config cfg = good();
	struct reason why = { .text = "" };

	cfg.vcpu_bytes = MIB << 24;	/* 16 TiB a vCPU */
	cfg.unit_bytes = 1 << 16;
	assert_int_equal(rig_check_sizes(&cfg, NULL, NULL), 0);
	assert_int_equal(rig_check_host(&cfg, &why), -EOPNOTSUPP);
	assert_true(why.text[0]);
	assert_int_equal(why.ending, ENDING_SKIP);
}

/* ---- a rig of memory only ------------------------------------------------- */

static struct rig *bed(bool overlap)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	unsigned int i, units;

	rig->cfg = good();
	rig->cfg.overlap = overlap;
	rig->mem_fd = -1;
	rig->mem_gva = RIG_MEM_GVA;
	assert_int_equal(rig_map_memory(rig, NULL), 0);
	rig->slot_pages = rig->mem.nr_pages;
	units = rig_vcpu_units(rig);
	rig->cfg.max_accesses = units;
	rig->jobs = calloc(2, sizeof(*rig->jobs));
	rig->orders = calloc(2, sizeof(*rig->orders));
	for (i = 0; i < 2; i++) {
		struct payload_geom g = {
			.nr_units = units, .nr_accesses = units, .vcpu = i,
			.seed = 4, .write_pct = 100, .op = OP_WRITE,
		};

		rig->jobs[i] = calloc(1, sizeof(**rig->jobs));
		rig->orders[i] = calloc(units, sizeof(**rig->orders));
		assert_int_equal(rig_load_payload(rig, i,
						  payload_find("uniform", NULL),
						  &g, NULL), 0);
		rig->jobs[i]->unit_lg2 = 12;
		rig->jobs[i]->vcpu = rig_vcpu_word(rig, i);
		rig->jobs[i]->order_gva = (uintptr_t)rig->orders[i];
		rig->jobs[i]->mem_gva = (uintptr_t)rig_vcpu_pages(rig, i).hva;
	}
	assert_int_equal(rig_alloc_oracles(rig, NULL), 0);
	return rig;
}

static void bed_free(struct rig *rig)
{
	unsigned int i;

	rig_free_oracles(rig);
	rig_unmap_memory(rig);
	for (i = 0; i < 2; i++) {
		free(rig->jobs[i]);
		free(rig->orders[i]);
	}
	free(rig->jobs);
	free(rig->orders);
	free(rig);
}

static void run_both(struct rig *rig, enum payload_op op, uint64_t tag)
{
	static struct guest_hists hists;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		rig->jobs[i]->op = op;
		rig->jobs[i]->tag = tag + i;
		rig->jobs[i]->hists_gva = (uintptr_t)&hists;
		guestcode_run(rig->jobs[i]);
		rig_account(rig, i);
	}
}

static uint64_t *word_of(struct rig *rig, unsigned int vcpu, uint32_t unit)
{
	return (uint64_t *)((char *)rig_unit_hva(rig, vcpu, unit) +
			    GUEST_UNIT_WORD(rig_vcpu_word(rig, vcpu)));
}

static void check_oracle(bool overlap)
{
	struct rig *rig = bed(overlap);
	struct reason why = { .text = "" };

	run_both(rig, OP_WRITE, 0xabcdef);
	run_both(rig, OP_RMW, 0);
	run_both(rig, OP_WRITE, 0x123456);
	assert_int_equal(rig_verify(rig, 0, &why), 0);
	assert_int_equal(rig_verify(rig, 1, &why), 0);

	*word_of(rig, 1, 17) ^= 1;		/* a wrong write */
	assert_int_equal(rig_verify(rig, 1, &why), 1);
	assert_non_null(strstr(why.text, "unit 17"));
	assert_int_equal(rig_verify(rig, 0, &why), 0);
	*word_of(rig, 1, 17) ^= 1;
	run_both(rig, OP_RMW, 0);
	assert_int_equal(rig_verify(rig, 0, &why), 0);
	--*word_of(rig, 0, 3);			/* a lost increment */
	assert_int_equal(rig_verify(rig, 0, &why), 1);
	bed_free(rig);
}

static void test_oracle(void **state)
{
	check_oracle(false);
	check_oracle(true);
}

static void test_discard(void **state)
{
	struct rig *rig = bed(false);
	uint64_t half = rig->mem.nr_pages / 4;

	run_both(rig, OP_WRITE, 0x777);
	assert_int_equal(rig_discard(rig, 0, half, NULL), 0);
	assert_int_equal(*word_of(rig, 0, 0), 0);
	assert_int_equal(rig_verify(rig, 0, NULL), 0);
	/* What was not discarded is still expected. */
	*word_of(rig, 0, half) = 0;
	assert_int_equal(rig_verify(rig, 0, NULL), 1);
	bed_free(rig);
}

static void test_partial_job(void **state)
{
	struct rig *rig = bed(false);
	uint32_t first = order_unit(rig->orders[0][0]);

	run_both(rig, OP_WRITE, 0x1);
	/* The guest says it stopped after one access; memory shows all. */
	rig->jobs[0]->tag = 0x2;
	rig->jobs[0]->done = 1;
	rig_account(rig, 0);
	assert_int_equal(rig_verify(rig, 0, NULL), 1);
	*word_of(rig, 0, first) = 0x2 ^ first;
	assert_int_equal(rig_verify(rig, 0, NULL), 0);
	bed_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_configs),
		cmocka_unit_test(test_too_much_memory),
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_partial_job),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
