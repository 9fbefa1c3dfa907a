// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does a guest pay for its first write to a page under dirty logging?
 *
 * Method: the guest times each of its writes by itself, one per page, in
 * random order, in three states of the same memory:
 *   warm           mapped writable: no fault
 *   write_protect  watched by the backend: one fault per page, on the fast
 *                  path where KVM has one
 *   map            not mapped at all (the memslots were deleted and added
 *                  again, the host's pages stay): a full fault; only every
 *                  8th page is timed, for KVM maps neighbours in advance
 * The states alternate within each round, so that drift hits all alike.
 * KVM's counters of the write-protected passes are given per page.
 *
 * What it cannot tell: the part of a fault that the hardware (or the
 * software KVM's switch) takes, from the part that KVM's MMU takes; and the
 * price of a huge page's split, see toggle.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "base/timing.h"
#include "host/host.h"
#include "payload/payload.h"
#include "probe/kstat.h"
#include "run/rounds.h"
#include "session.h"

/* KVM's prefetch works on aligned groups of 8 entries of a page table. */
#define NEIGHBOURS 8u

struct states {
	struct hist warm, write_protect, map;	/* TSC ticks */
	struct rounds warm_p50, write_protect_p50, map_p50;	/* ns */
	int64_t pf_taken, pf_fast, pf_fixed;	/* write_protect only */
	struct dirty_tally pages;
};

static int timed_pass(struct dirty_session *s, uint32_t nr, struct hist *into,
		      struct rounds *p50)
{
	struct bench *b = s->b;
	struct run_job job = bench_job(b, OP_WRITE, GUEST_TIMED);
	static struct hist pass;
	int err;

	job.nr = nr;
	run_latency_reset(b->run);
	err = run_job(b->run, &job, &b->why);
	if (err)
		return err;
	run_latency(b->run, OP_WRITE, &pass);
	hist_merge(into, &pass);
	rounds_add(p50, hist_quantile(&pass, 0.5) * timing_ns_per_tsc());
	return 0;
}

static int plain_pass(struct dirty_session *s)
{
	const struct run_job job = bench_job(s->b, OP_WRITE, 0);

	return run_job(s->b->run, &job, &s->b->why);
}

static int write_protected_pass(struct dirty_session *s, struct states *st)
{
	struct kstat *k = s->b->rig->kstat;
	struct kstat_snap *before, *after;
	int err;

	before = kstat_snap(k);
	err = timed_pass(s, rig_vcpu_units(s->b->rig), &st->write_protect,
			 &st->write_protect_p50);
	after = kstat_snap(k);
	if (!err) {
		st->pf_taken += kstat_delta(before, after, "pf_taken");
		st->pf_fast += kstat_delta(before, after, "pf_fast");
		st->pf_fixed += kstat_delta(before, after, "pf_fixed");
	}
	kstat_snap_free(before);
	kstat_snap_free(after);
	return err;
}

static int load(struct dirty_session *s, const char *payload, uint32_t stride)
{
	const struct payload_ops *p = payload_find(payload, &s->b->why);
	struct payload_geom g;
	unsigned int i;
	int err = 0;

	for (i = 0; i < s->b->rig->cfg.nr_vcpus && !err; i++) {
		bench_geom(s->b, i, &g);
		g.stride_units = stride;
		err = rig_load_payload(s->b->rig, i, p, &g, &s->b->why);
	}
	return err;
}

/*
 * KVM maps up to 8 neighbours along with a faulting page: visit only every
 * 8th, so that each access is a fault of its own.
 */
static int map_pass(struct dirty_session *s, struct states *st)
{
	uint32_t units = rig_vcpu_units(s->b->rig);
	uint32_t stride = units < NEIGHBOURS ? 1 : NEIGHBOURS;
	int err = rig_recreate_slots(s->b->rig, &s->b->why);

	if (!err)
		err = load(s, "stride", stride);
	if (!err)
		err = timed_pass(s, units / stride, &st->map, &st->map_p50);
	if (!err)
		err = load(s, "uniform", 1);
	/* Map the rest for the next round. */
	return err ? err : plain_pass(s);
}

static int one_round(struct dirty_session *s, struct states *st)
{
	int err = timed_pass(s, rig_vcpu_units(s->b->rig), &st->warm,
			     &st->warm_p50);

	if (!err)
		err = dirty_session_start(s);
	/* Once round, so that huge pages are split and all are watched. */
	if (!err)
		err = plain_pass(s);
	if (!err)
		err = dirty_session_harvest(s);
	if (!err)
		err = write_protected_pass(s, st);
	if (!err)
		err = dirty_session_harvest(s);
	if (err)
		return err;
	dirty_session_expect_last_job(s);
	dirty_session_check(s, &st->pages);
	err = dirty_session_stop(s);
	return err ? err : map_pass(s, st);
}

/* 'Y' in a parameter of KVM's; absent on other hosts and in other engines. */
static bool parameter_on(const char *path)
{
	char text[8] = "";

	return host_read(path, text, sizeof(text)) > 0 && text[0] == 'Y';
}

/*
 * Page-modification logging, or an MMU that takes the log from dirty bits: the
 * pages stay writable.  A host that says so may still need faults, for a ring
 * for instance.
 */
static bool may_log_without_faults(void)
{
	return parameter_on("/sys/module/kvm_intel/parameters/pml") ||
	       parameter_on("/sys/module/kvm/parameters/mmu_dirty_bits");
}

/*
 * A software KVM interprets kernel-mode guests, and takes no faults.  Else a
 * fault for each page, and few more: a full ring sends the access back once,
 * guest code and tables may be mapped late.  2 % is the bar for "pf_taken grows
 * with the pages touched".  Where the CPU keeps the log: those few, or all.
 */
static void check_faults(struct dirty_session *s, const struct states *st)
{
	const struct rig_config *cfg = &s->b->rig->cfg;
	double pages = st->pages.expected, few = pages * 0.02 + 64;
	/* Where vCPUs share pages each of them may be the one that faults. */
	double sharing = cfg->overlap ? cfg->nr_vcpus : 1;
	bool each = st->pf_taken >= pages &&
		    st->pf_taken <= pages * sharing * 1.02 + 64;

	if (cfg->guest_kernel)
		return;
	rec_check(s->b->rec, "faults_match_pages",
		  each || (may_log_without_faults() && st->pf_taken <= few),
		  "%lld faults for %.0f watched pages written",
		  (long long)st->pf_taken, pages);
}

static void record_counters(struct dirty_session *s, const struct states *st)
{
	struct rec *rec = s->b->rec;

	if (!st->pages.expected || !kstat_has(s->b->rig->kstat, "pf_taken"))
		return;
	rec_count(rec, "write_protect.pf_taken", st->pf_taken, "faults",
		  BETTER_LOWER);
	rec_count(rec, "write_protect.pf_fast", st->pf_fast, "faults",
		  BETTER_HIGHER);
	rec_count(rec, "write_protect.pf_fixed", st->pf_fixed, "faults",
		  BETTER_LOWER);
	check_faults(s, st);
}

static void record(struct dirty_session *s, const struct states *st)
{
	struct rec *rec = s->b->rec;
	double tick_ns = timing_ns_per_tsc();

	run_phase(s->b->run, "drain");
	rec_dist(rec, "latency.write_protect", &st->write_protect, "ns",
		 tick_ns, BETTER_LOWER);
	rec_dist(rec, "latency.warm", &st->warm, "ns", tick_ns, BETTER_LOWER);
	rec_dist(rec, "latency.map", &st->map, "ns", tick_ns, BETTER_LOWER);
	rounds_record(rec, "latency.write_protect", "ns",
		      &st->write_protect_p50);
	rounds_record(rec, "latency.warm", "ns", &st->warm_p50);
	rounds_record(rec, "latency.map", "ns", &st->map_p50);
	if (s->d.ops->caps & DIRTY_REAL)
		record_counters(s, st);
	dirty_session_record(s);
	dirty_session_record_checks(s, &st->pages);
}

static int case_write_fault(struct bench *b, const struct bench_case *c)
{
	struct dirty_setup setup = dirty_setup_of(b, c->str);
	static struct states st;
	struct dirty_session s;
	uint32_t round;
	int err;

	memset(&st, 0, sizeof(st));
	err = dirty_session_open(&s, b, &setup);
	if (!err)
		err = run_record_self_cost(b->run, &b->why);
	if (!err)
		run_phase(b->run, "measure");
	for (round = 0; round < b->p.rounds && !err; round++)
		err = one_round(&s, &st);
	if (!err)
		record(&s, &st);
	dirty_session_close(&s);
	return err;
}

#define WRITE_FAULT(backend) { \
	.name = "dirty_log.write_fault." backend, .str = backend, \
	.summary = "guest-side latency of writes: warm, write-protected, unmapped", \
	.fn = case_write_fault }

static const struct bench_case cases[] = {
	WRITE_FAULT("get"), WRITE_FAULT("clear"), WRITE_FAULT("ring"),
	WRITE_FAULT("null"), { NULL },
};

static const struct bench_default defaults[] = {
	{ "payload", "uniform" },
	{ NULL },
};

int main(int argc, char **argv)
{
	static const struct bench_program prog = {
		.name = "dirty_log/write_fault",
		.question = "What does the first write to a watched page cost the guest?",
		.cases = cases,
		.defaults = defaults,
	};

	return bench_main(argc, argv, &prog);
}
