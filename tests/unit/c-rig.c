// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests on a real KVM do what the oracle says: every payload with every
 * operation, in ring 3 and ring 0, over every backing this host has.
 *
 * Skips as a whole where /dev/kvm does not open; "kvmcompat.h" marks it as a
 * program that needs the selftests library.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/timing.h"
#include "payload/payload.h"
#include "rig/kvmcompat.h"
#include "rig/rig.h"
#include "run/run.h"

struct bed {
	struct rig *rig;
	struct topo *topo;
	struct rec *rec;
	struct run *run;
	struct reason why;
};

static struct rig_config small(void)
{
	return (struct rig_config) {
		.nr_vcpus = 2, .vcpu_bytes = 256 << 10,
		.guest_page_bytes = 4096, .unit_bytes = 4096, .nr_slots = 1,
		.node = -1, .exec = true,
	};
}

static struct bed bed_open(const struct rig_config *cfg)
{
	struct bed b = { .why = { .text = "" } };

	b.rig = rig_create(cfg, &b.why);
	if (!b.rig)
		fail_msg("%s", b.why.text);
	b.topo = topo_plan("compact", cfg->nr_vcpus, 1, &b.why);
	b.rec = rec_open(NULL, "c-rig", &b.why);
	b.run = run_open(b.rig, b.topo, b.rec, &b.why);
	if (!b.run)
		fail_msg("%s", b.why.text);
	return b;
}

static void bed_close(struct bed *b)
{
	run_close(b->run);
	rig_destroy(b->rig);
	topo_free(b->topo);
	rec_abort(b->rec);
}

static void load(struct bed *b, const struct payload_ops *p, unsigned int pct,
		 enum payload_op op)
{
	unsigned int i;

	for (i = 0; i < b->rig->cfg.nr_vcpus; i++) {
		struct payload_geom g = {
			.nr_units = rig_vcpu_units(b->rig),
			.nr_accesses = rig_vcpu_units(b->rig), .vcpu = i,
			.seed = 11, .write_pct = pct, .op = op,
			.zipf_theta = 0.99, .stride_units = 5,
		};

		if (rig_load_payload(b->rig, i, p, &g, &b->why))
			fail_msg("%s: %s", p->name, b->why.text);
	}
}

static void verify(struct bed *b, const char *what)
{
	unsigned int i;

	for (i = 0; i < b->rig->cfg.nr_vcpus; i++)
		if (rig_verify(b->rig, i, &b->why))
			fail_msg("%s: %s", what, b->why.text);
}

static enum guest_cmd command_of(const struct payload_ops *p)
{
	if (p->caps & PAYLOAD_NO_ACCESS)
		return GUEST_NULL;
	return p->caps & PAYLOAD_CHASE ? GUEST_CHASE : GUEST_ACCESS;
}

static void all_payloads(const struct rig_config *cfg)
{
	struct bed b = bed_open(cfg);
	unsigned int i, op, flags;

	for (i = 0; payload_members[i]; i++) {
		for (op = 0; op < NR_OPS; op++) {
			flags = op % 2 ? GUEST_TIMED : 0;
			load(&b, payload_members[i], op == OP_RMW ? 50 : 100, op);
			if (op == OP_RMW)
				flags |= GUEST_MIXED;
			if (run_job(b.run, &(struct run_job) {
					.cmd = command_of(payload_members[i]),
					.op = op, .flags = flags }, &b.why))
				fail_msg("%s %s: %s", payload_members[i]->name,
					 payload_op_names[op], b.why.text);
			assert_int_equal(run_job_accesses(b.run),
					 2 * rig_vcpu_units(b.rig));
			verify(&b, payload_members[i]->name);
		}
	}
	bed_close(&b);
}

static void test_payloads_user(void **state)
{
	struct rig_config cfg = small();

	all_payloads(&cfg);
	cfg.overlap = true;
	all_payloads(&cfg);
}

static void test_payloads_kernel(void **state)
{
	struct rig_config cfg = small();

	cfg.guest_kernel = true;
	cfg.vcpu_bytes = 32 << 10;
	all_payloads(&cfg);
}

/* The rate that turns ticks into ns is the one at which ticks go by. */
static void test_tsc_rate(void **state)
{
	const struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);
	uint64_t start_ns = timing_now_ns(), start = timing_tsc(), ns;
	double rate = timing_ns_per_tsc();

	do
		ns = timing_now_ns() - start_ns;
	while (ns < 50000000);
	rate *= timing_tsc() - start;
	/* 20 %: chosen, a thread may lose its CPU between the two clocks. */
	if (rate < .8 * ns || rate > 1.2 * ns)
		fail_msg("%.0f ns by the TSC are %llu by the clock", rate,
			 (unsigned long long)ns);
	bed_close(&b);
}

/* Pricing the harness leaves the payload and the oracle as they were. */
static void test_self_cost(void **state)
{
	const struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);
	uint32_t nr = rig_vcpu_units(b.rig), before[1024];

	assert_true(nr <= 1024);
	load(&b, payload_find("uniform", &b.why), 100, OP_WRITE);
	memcpy(before, b.rig->orders[0], nr * sizeof(*before));
	assert_int_equal(run_record_self_cost(b.run, &b.why), 0);
	assert_memory_equal(before, b.rig->orders[0], nr * sizeof(*before));
	assert_int_equal(run_job(b.run, &(struct run_job) {
		.cmd = GUEST_ACCESS, .op = OP_WRITE }, &b.why), 0);
	assert_int_equal(run_job_accesses(b.run), 2 * nr);
	verify(&b, "after self cost");
	bed_close(&b);
}

/* What every vCPU recorded is in the merged latencies, once. */
static void test_latency_of_each(void **state)
{
	const struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);
	uint32_t units = rig_vcpu_units(b.rig);
	static struct hist h;
	uint64_t mask;

	load(&b, payload_members[0], 100, OP_WRITE);
	for (mask = 1; mask <= 3; mask++) {
		run_latency_reset(b.run);
		assert_int_equal(run_job(b.run, &(struct run_job) {
			.cmd = GUEST_ACCESS, .op = OP_WRITE,
			.flags = GUEST_TIMED, .vcpu_mask = mask }, &b.why), 0);
		run_latency(b.run, OP_WRITE, &h);
		assert_int_equal(h.n, units * __builtin_popcountll(mask));
	}
	bed_close(&b);
}

static json_int_t recorded(const struct rec *rec, const char *name)
{
	const json_t *line;
	size_t i;

	json_array_foreach(rec_lines(rec), i, line) {
		const char *is = json_string_value(json_object_get(line, "name"));

		if (is && !strcmp(is, name))
			return json_integer_value(json_object_get(line, "value"));
	}
	return 0;
}

/* Faults are counted in the phase that they happen in. */
static void test_phases(void **state)
{
	const struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);
	bool has = kstat_has(b.rig->kstat, "pf_taken");

	load(&b, payload_members[0], 100, OP_WRITE);
	run_phase(b.run, "before");
	run_phase(b.run, "busy");
	assert_int_equal(run_job(b.run, &(struct run_job) {
		.cmd = GUEST_ACCESS, .op = OP_WRITE }, &b.why), 0);
	run_phase(b.run, "after");
	run_close(b.run);
	if (has) {
		assert_int_equal(recorded(b.rec, "kvm.before.pf_taken"), 0);
		/* Neighbours may be mapped along, up to 8 with a fault. */
		assert_true(recorded(b.rec, "kvm.busy.pf_taken") >=
			    2 * rig_vcpu_units(b.rig) / 8);
		assert_int_equal(recorded(b.rec, "kvm.after.pf_taken"), 0);
	}
	rig_destroy(b.rig);
	topo_free(b.topo);
	rec_abort(b.rec);
	if (!has)
		skip();
}

static void test_backings(void **state)
{
	struct rig_config cfg;
	unsigned int i;

	for (i = 0; rig_backing_names[i]; i++) {
		struct reason why = { .text = "" };
		struct rig *probe;

		cfg = small();
		cfg.backing = i;
		cfg.vcpu_bytes = rig_backing_page_bytes(i);
		if (cfg.vcpu_bytes == 4096)
			cfg.vcpu_bytes *= 16;
		probe = rig_create(&cfg, &why);
		if (!probe) {
			/* A host without huge pages says so in a sentence. */
			assert_true(i == BACKING_HUGETLB_2M ||
				    i == BACKING_HUGETLB_1G);
			assert_non_null(strstr(why.text, "huge pages"));
			continue;
		}
		rig_destroy(probe);
		all_payloads(&cfg);
	}
}

static void test_shapes(void **state)
{
	struct rig_config cfg = small();

	cfg.guest_page_bytes = 2 << 20;
	cfg.vcpu_bytes = 4 << 20;
	cfg.nr_slots = 2;
	all_payloads(&cfg);
	cfg.guest_page_bytes = 4096;
	cfg.unit_bytes = 256;
	cfg.vcpu_bytes = 64 << 10;
	all_payloads(&cfg);
}

/* Bytes that the guest's entry for @gva maps, and where to. */
static uint64_t guest_mapping(struct kvm_vm *vm, uint64_t gva, uint64_t *gpa)
{
	uint64_t table = compat_vm_root(vm), entry, bytes;
	int shift;

	for (shift = 3 + 9 * compat_vm_levels(vm); ; shift -= 9) {
		entry = ((uint64_t *)addr_gpa2hva(vm, table))[gva >> shift & 511];
		assert_true(entry & 1);		/* present */
		table = entry & 0x000ffffffffff000ull;
		if (shift == 12 || entry & 1 << 7)	/* page size */
			break;
	}
	bytes = 1ull << shift;
	*gpa = table & -bytes;
	return bytes;
}

/* Guest page size, address and memslots are those asked for. */
static void test_where(void **state)
{
	static const uint64_t pages[] = { 4096, 2 << 20 };
	struct rig_config cfg = small();
	struct reason why;
	struct rig *rig;
	uint64_t gpa;
	unsigned int i;

	cfg.vcpu_bytes = 4 << 20;
	cfg.nr_slots = 4;
	cfg.gpa = 17ull << 30;
	for (i = 0; i < 2; i++) {
		cfg.guest_page_bytes = pages[i];
		rig = rig_create(&cfg, &why);
		if (!rig)
			fail_msg("%s", why.text);
		assert_int_equal(guest_mapping(rig->vm, rig->mem_gva, &gpa),
				 pages[i]);
		assert_true(gpa == cfg.gpa && rig->mem.gpa == cfg.gpa);
		assert_int_equal(rig_slot_pages(rig, 3).nr_pages, 512);
		assert_true(rig_slot_pages(rig, 3).gpa == cfg.gpa + (6 << 20));
		/* The slot is there, with that number, as KVM has it. */
		assert_int_equal(rig_change_slot_flags(rig, KVM_MEM_LOG_DIRTY_PAGES, 0,
						    &why), 0);
		rig_destroy(rig);
	}
}

/* The guest walks as many levels as it is to, 5 where KVM can. */
static void test_levels(void **state)
{
	struct rig_config cfg = small();
	struct kvm_sregs sregs;
	struct reason why;
	struct rig *rig;
	struct bed b;

	cfg.guest_la57 = true;
	rig = rig_create(&cfg, &why);
	if (!rig) {
		assert_int_equal(why.ending, ENDING_SKIP);
		assert_non_null(strstr(why.text, "5-level"));
		cfg.guest_la57 = false;
	} else {
		rig_destroy(rig);
	}
	b = bed_open(&cfg);
	vcpu_sregs_get(b.rig->vcpus[1], &sregs);
	assert_int_equal(!!(sregs.cr4 & 1 << 12), cfg.guest_la57);
	load(&b, payload_find("seq", NULL), 100, OP_WRITE);
	assert_int_equal(run_job(b.run, &(struct run_job) {
				.cmd = GUEST_ACCESS, .op = OP_WRITE }, &b.why),
			 0);
	verify(&b, "levels");
	bed_close(&b);
}

/* Wrong reads of both vCPUs after a job that moves all pages by @shift. */
static uint64_t remap(struct bed *b, uint32_t shift, uint64_t doubt)
{
	const struct run_job job = {
		.cmd = GUEST_REMAP, .flags = shift % 2 ? GUEST_REMAP_EACH : 0,
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		b->rig->jobs[i]->pt_shift = shift;
		b->rig->jobs[i]->pt_tag = b->rig->jobs[i]->tag ^ doubt;
		b->rig->jobs[i]->wrong_pages = 0;
	}
	if (run_job(b->run, &job, &b->why))
		fail_msg("remap by %u: %s", shift, b->why.text);
	verify(b, "remap");
	return b->rig->jobs[0]->wrong_pages + b->rig->jobs[1]->wrong_pages;
}

/* A guest that moves its pages reads and writes where its tables say. */
static void test_own_tables(void **state)
{
	struct rig_config cfg = small();
	struct bed b;
	uint64_t *word;

	cfg.guest_kernel = true;
	b = bed_open(&cfg);
	assert_int_equal(rig_open_tables(b.rig, 2, &b.why), -EOPNOTSUPP);
	assert_int_equal(rig_open_tables(b.rig, 1, &b.why), 0);
	load(&b, payload_find("seq", NULL), 100, OP_WRITE);
	assert_int_equal(run_job(b.run, &(struct run_job) {
				.cmd = GUEST_ACCESS, .op = OP_WRITE }, &b.why),
			 0);
	assert_int_equal(remap(&b, 1, 0), 0);
	assert_int_equal(remap(&b, 2, 0), 0);
	/* The check can fail: for one page, and for all. */
	word = rig_vcpu_pages(b.rig, 1).hva;
	*word ^= 1;
	assert_int_equal(remap(&b, 3, 0), 1);
	assert_int_equal(remap(&b, 0, 1), b.rig->mem.nr_pages);
	bed_close(&b);
}

static void test_own_tables_refused(void **state)
{
	struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);

	/* Ring 3 cannot flush. */
	assert_int_equal(rig_open_tables(b.rig, 1, &b.why), -EOPNOTSUPP);
	assert_int_equal(b.why.ending, ENDING_SKIP);
	bed_close(&b);
}

/* A guest that faults in ring 3 ends with a sentence, not with a hang. */
static void test_guest_crash(void **state)
{
	struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);

	load(&b, payload_find("seq", NULL), 100, OP_WRITE);
	b.rig->jobs[0]->mem_gva = 0x600000000000ull;	/* nothing there */
	assert_true(run_job(b.run, &(struct run_job) {
				.cmd = GUEST_ACCESS, .op = OP_WRITE,
				.vcpu_mask = 1 }, &b.why) < 0);
	assert_non_null(strstr(b.why.text, "vCPU 0"));
	bed_close(&b);
}

/* A guest that never ends is taken out of KVM_RUN. */
static void test_guest_hang(void **state)
{
	struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);

	load(&b, payload_find("seq", NULL), 100, OP_WRITE);
	run_set_timeout(b.run, 1);
	assert_int_equal(run_job(b.run, &(struct run_job) {
				.cmd = GUEST_ACCESS, .op = OP_RMW,
				.flags = GUEST_UNTIL_STOP }, &b.why),
			 -ETIMEDOUT);
	bed_close(&b);
}

/* KVM's counters move with what the guest does. */
static void test_counters(void **state)
{
	struct rig_config cfg = small();
	struct bed b;
	struct kstat_snap *before, *after;

	cfg.exec = false;	/* so that no host page exists yet */
	b = bed_open(&cfg);
	if (!b.rig->kstat || !kstat_has(b.rig->kstat, "pf_taken")) {
		bed_close(&b);
		skip();
	}
	load(&b, payload_find("seq", NULL), 100, OP_WRITE);
	before = kstat_snap(b.rig->kstat);
	assert_int_equal(run_job(b.run, &(struct run_job) {
				.cmd = GUEST_ACCESS, .op = OP_WRITE }, &b.why),
			 0);
	after = kstat_snap(b.rig->kstat);
	assert_true(kstat_delta(before, after, "pf_taken") >=
		    (int64_t)b.rig->mem.nr_pages);
	assert_int_equal(kstat_delta(before, after, "no_such_counter"), 0);
	kstat_snap_free(before);
	kstat_snap_free(after);
	bed_close(&b);
}

static int fail_at_once(void *arg, struct reason *why)
{
	return reason_set(why, -EIO, "the disk is gone");
}

/* Who waits for an agent's work must hear of its failure, not wait on. */
static void test_agent_failure(void **state)
{
	static const struct agent_ops broken = { "broken", fail_at_once };
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .flags = GUEST_UNTIL_STOP, .op = OP_WRITE,
	};
	struct rig_config cfg = small();
	struct bed b = bed_open(&cfg);
	unsigned int i;
	int ret = 0;

	assert_int_equal(run_start(b.run, &job, &b.why), 0);
	assert_int_equal(run_agent_start(b.run, &broken, NULL, 0, &b.why), 0);
	for (i = 0; i < 100000 && !ret; i++)
		ret = run_wait_rounds(b.run, 1, &b.why);
	assert_int_equal(ret, -EIO);
	assert_string_equal(b.why.text, "broken: the disk is gone");
	assert_int_equal(run_stop(b.run, &b.why), 0);
	assert_int_equal(run_agents_stop(b.run, &b.why), -EIO);
	bed_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payloads_user),
		cmocka_unit_test(test_payloads_kernel),
		cmocka_unit_test(test_tsc_rate),
		cmocka_unit_test(test_self_cost),
		cmocka_unit_test(test_latency_of_each),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_backings),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_own_tables),
		cmocka_unit_test(test_own_tables_refused),
		cmocka_unit_test(test_guest_crash),
		cmocka_unit_test(test_guest_hang),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_agent_failure),
	};

	program_invocation_name = "/proc/self/exe";
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (access("/dev/kvm", R_OK | W_OK)) {
		printf("1..0 # SKIP no /dev/kvm\n");
		return 4;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
