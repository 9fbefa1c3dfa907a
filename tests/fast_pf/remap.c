// SPDX-License-Identifier: GPL-2.0-only
/*
 * What do remaps of guest memory cost, through the MMU notifier?
 *
 * Each round changes the host mapping of all guest memory, chunk by chunk,
 * with the vCPUs outside guest mode, and times each call; then the guest
 * touches everything and times each refault.  The storm cases do both at
 * once: an agent remaps random chunks while the guests run.
 *
 * Checked: what the host writes after a remap is what the guest reads
 * (no stale translation), and a guest write never passes a read-only mapping.
 * It cannot tell the notifier's share of a call from the rest of mm's work;
 * the same calls on memory outside the guest are timed beside as "outside".
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "bench/bench.h"
#include "payload/payload.h"
#include "record/place.h"
#include "run/rounds.h"

/* Pages per call: what a balloon or a NUMA scan would hand over at once. */
#define CHUNK_PAGES 64u
/* A job's mask names one of the first 64 vCPUs or, being 0, all. */
#define MASK_BITS 64u

enum how { DONTNEED, MAPFIXED, MPROTECT, FORK };

struct remap {
	struct bench *b;
	enum how how;
	struct hist calls, outside, faults, round;
	struct rounds p50;
	char *scratch;		/* one chunk that no guest knows */
	pid_t child;
	uint64_t random;	/* storm */
};

static int call_failed(struct remap *m, const char *what)
{
	int err = errno;

	return reason_set(&m->b->why, -err, "%s failed: %s", what, strerror(err));
}

/* One remap of @bytes at @at; timed by the caller. */
static int remap_once(struct remap *m, char *at, size_t bytes)
{
	int prot = PROT_READ | PROT_WRITE;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	switch (m->how) {
	case DONTNEED:
		if (madvise(at, bytes, MADV_DONTNEED))
			return call_failed(m, "madvise(MADV_DONTNEED)");
		return 0;
	case MAPFIXED:
		if (mmap(at, bytes, prot, flags, -1, 0) == MAP_FAILED)
			return call_failed(m, "mmap(MAP_FIXED)");
		return 0;
	default:
		if (mprotect(at, bytes, PROT_READ) ||
		    mprotect(at, bytes, prot))
			return call_failed(m, "mprotect()");
		return 0;
	}
}

static int remap_timed(struct remap *m, char *at, size_t bytes, struct hist *h)
{
	uint64_t start = timing_now_ns();
	int ret = remap_once(m, at, bytes);

	if (!ret)
		hist_add(h, timing_now_ns() - start);
	return ret;
}

static void reap_child(struct remap *m)
{
	if (m->child <= 0)
		return;
	kill(m->child, SIGKILL);
	waitpid(m->child, NULL, 0);
	m->child = 0;
}

/* Until it is killed, or its parent is: nobody else knows of it. */
static void be_child(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		pause();
	_exit(0);
}

/* A child that shares all pages until it dies makes them copy-on-write. */
static int fork_timed(struct remap *m)
{
	pid_t parent = getpid();
	uint64_t start = timing_now_ns();

	m->child = fork();
	if (!m->child)
		be_child(parent);
	if (m->child < 0)
		return call_failed(m, "fork()");
	hist_add(&m->calls, timing_now_ns() - start);
	return 0;
}

static int remap_all(struct remap *m)
{
	const struct gpages *mem = &m->b->rig->mem;
	uint64_t at, nr;
	int ret = 0;

	if (m->how == FORK)
		return fork_timed(m);
	for (at = 0; at < mem->nr_pages && !ret; at += nr) {
		nr = mem->nr_pages - at < CHUNK_PAGES ? mem->nr_pages - at :
							CHUNK_PAGES;
		ret = remap_timed(m, (char *)mem->hva + at * 4096, nr * 4096,
				  &m->calls);
		memset(m->scratch, 1, CHUNK_PAGES * 4096);
		if (!ret)
			ret = remap_timed(m, m->scratch, nr * 4096, &m->outside);
	}
	if (!ret && m->how != MPROTECT)
		rig_pages_replaced(m->b->rig, 0, mem->nr_pages);
	return ret;
}

/* ---- quiet: remap, then touch -------------------------------------------- */

/*
 * A copy-on-write fault invalidates the page, and KVM retries others' faults for as
 * long as that lasts, even at their own pages (docs/findings/fork-retries.md).  In
 * an emulator that is until the CPU which copies gets its next slice of time: a
 * round would take minutes.
 */
static bool take_turns(const struct remap *m)
{
	return m->how == FORK && m->b->rig->cfg.nr_vcpus > 1 && place_emulated();
}

static int touch_all(struct remap *m)
{
	struct bench *b = m->b;
	struct run_job job = bench_job(b, OP_WRITE, GUEST_TIMED);
	unsigned int i, nr = b->rig->cfg.nr_vcpus;
	int ret = 0;

	if (!take_turns(m) || nr > MASK_BITS)
		return run_job(b->run, &job, &b->why);
	for (i = 0; i < nr && !ret; i++) {
		job.vcpu_mask = 1ull << i;
		ret = run_job(b->run, &job, &b->why);
	}
	return ret;
}

static int refault(struct remap *m)
{
	struct bench *b = m->b;
	int ret;

	run_latency_reset(b->run);
	run_phase(b->run, "refault");
	ret = touch_all(m);
	if (ret)
		return ret;
	run_latency(b->run, OP_WRITE, &m->round);
	hist_merge(&m->faults, &m->round);
	rounds_add(&m->p50,
		   hist_quantile(&m->round, 0.5) * timing_ns_per_tsc());
	return 0;
}

/*
 * Write a new word into all units; returns the sum that the guest will read:
 * a payload may come to a unit more than once, or never.
 */
static uint64_t stamp_all(struct rig *rig, unsigned int vcpu, uint64_t salt)
{
	uint32_t word = GUEST_UNIT_WORD(rig_vcpu_word(rig, vcpu)), unit, at;
	struct gpages part = rig_vcpu_pages(rig, vcpu);
	uint64_t sum = 0;

	for (unit = 0; unit < rig_vcpu_units(rig); unit++)
		*(uint64_t *)((char *)part.hva +
			      (uint64_t)unit * rig->cfg.unit_bytes + word) =
			salt * (unit + 1ull);
	for (at = 0; at < rig->jobs[vcpu]->nr; at++)
		sum += salt * (order_unit(rig->orders[vcpu][at]) + 1ull);
	return sum;
}

/* The host replaces every page and writes new words; the guest must see them. */
static int check_no_stale_read(struct remap *m)
{
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .op = OP_READ, .vcpu_mask = 1,
	};
	struct bench *b = m->b;
	uint64_t want;
	int ret;

	run_phase(b->run, "stale_read");
	ret = run_job(b->run, &job, &b->why);
	if (!ret)
		ret = remap_all(m);
	if (ret)
		return ret;
	want = stamp_all(b->rig, 0, 0x9e3779b97f4a7c15ull);
	b->rig->jobs[0]->sum = 0;
	ret = run_job(b->run, &job, &b->why);
	reap_child(m);
	if (ret)
		return ret;
	rec_check(b->rec, "no_stale_read", b->rig->jobs[0]->sum == want,
		  "the guest read a sum of 0x%" PRIx64 ", the host wrote 0x%" PRIx64,
		  b->rig->jobs[0]->sum, want);
	return 0;
}

static void record_calls(struct remap *m)
{
	struct rec *rec = m->b->rec;

	rec_dist(rec, "call", &m->calls, "ns", 1, BETTER_LOWER);
	if (m->outside.n)
		rec_dist(rec, "call.outside", &m->outside, "ns", 1, BETTER_NONE);
}

static int quiet(struct remap *m)
{
	struct bench *b = m->b;
	unsigned int i;
	int ret = bench_populate(b);

	if (take_turns(m))
		rec_note(b->rec, "the vCPUs take turns: on emulated CPUs they would retry each other's copy-on-write faults for long");
	for (i = 0; i < b->p.rounds && !ret; i++) {
		run_phase(b->run, "remap");
		ret = remap_all(m);
		if (!ret)
			ret = refault(m);
		reap_child(m);
	}
	if (ret)
		return ret;
	if (b->rig->chase_planted && m->how != MPROTECT && m->how != FORK)
		rec_note(b->rec, "the links of --payload chase lie in the pages: the host has written them before the guest's refault");
	record_calls(m);
	rec_dist(b->rec, "refault", &m->faults, "ns", timing_ns_per_tsc(),
		 BETTER_LOWER);
	rounds_record(b->rec, "refault.p50_by_round", "ns", &m->p50);
	ret = run_record_self_cost(b->run, &b->why);
	if (ret)
		return ret;
	bench_check_content(m->b, "content");
	return check_no_stale_read(m);
}

/* ---- storm: remap while the guests run ----------------------------------- */

static int storm_step(void *arg, struct reason *why)
{
	struct remap *m = arg;
	const struct gpages *mem = &m->b->rig->mem;
	uint64_t nr = mem->nr_pages < CHUNK_PAGES ? mem->nr_pages : CHUNK_PAGES;
	uint64_t at = rng_next(&m->random) % (mem->nr_pages - nr + 1);
	int ret;

	ret = remap_timed(m, (char *)mem->hva + at * 4096, nr * 4096, &m->calls);
	if (ret)
		*why = m->b->why;
	return ret;
}

static uint64_t storm_calls(struct remap *m)
{
	return __atomic_load_n(&m->calls.n, __ATOMIC_RELAXED);
}

static void record_access(struct remap *m, const char *name)
{
	struct bench *b = m->b;

	run_latency(b->run, OP_WRITE, &m->faults);
	rec_dist(b->rec, name, &m->faults, "ns", timing_ns_per_tsc(),
		 BETTER_LOWER);
}

/* The guests' accesses with nobody at their memory. */
static int storm_alone(struct remap *m, const struct run_job *job)
{
	struct bench *b = m->b;
	int ret;

	run_latency_reset(b->run);
	run_phase(b->run, "alone");
	ret = run_start(b->run, job, &b->why);
	if (!ret)
		ret = run_wait_rounds(b->run, b->p.rounds, &b->why);
	if (!ret)
		ret = run_stop(b->run, &b->why);
	if (!ret)
		record_access(m, "access.alone");
	return ret;
}

static int storm_remapped(struct remap *m, const struct run_job *job)
{
	static const struct agent_ops remapper = {
		.name = "remapper", .step = storm_step,
	};
	struct bench *b = m->b;
	int ret;

	m->random = b->p.seed;
	run_latency_reset(b->run);
	run_phase(b->run, "storm");
	ret = run_agent_start(b->run, &remapper, m, 200000, &b->why);
	if (!ret)
		ret = run_start(b->run, job, &b->why);
	while (!ret && storm_calls(m) < (uint64_t)b->p.calls * b->p.rounds)
		ret = run_wait_rounds(b->run, 1, &b->why);
	if (!ret)
		ret = run_stop(b->run, &b->why);
	if (!ret)
		ret = run_agents_stop(b->run, &b->why);
	if (ret)
		return ret;
	run_phase(b->run, "after");
	record_access(m, "access.storm");
	record_calls(m);
	return 0;
}

static int storm(struct remap *m)
{
	struct bench *b = m->b;
	const struct run_job job = bench_job(b, OP_WRITE,
					     GUEST_TIMED | GUEST_UNTIL_STOP);
	int ret = bench_populate(b);

	if (!ret)
		ret = storm_alone(m, &job);
	if (!ret)
		ret = storm_remapped(m, &job);
	if (!ret)
		ret = run_record_self_cost(b->run, &b->why);
	/* Lost pages are the storm's doing; after it nothing may go wrong. */
	if (!ret)
		ret = rig_discard(b->rig, 0, b->rig->mem.nr_pages, &b->why);
	if (!ret)
		ret = bench_populate(b);
	if (!ret)
		bench_check_content(b, "content");
	return ret;
}

/* ---- read-only ----------------------------------------------------------- */

static int readonly(struct remap *m)
{
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .op = OP_WRITE, .vcpu_mask = 1, .nr = 1,
	};
	struct bench *b = m->b;
	uint64_t before, *word;
	int ret = bench_populate(b);

	if (ret)
		return ret;
	ret = run_record_self_cost(b->run, &b->why);
	if (ret)
		return ret;
	word = (uint64_t *)((char *)rig_vcpu_pages(b->rig, 0).hva +
			    order_unit(b->rig->orders[0][0]) *
			    (uint64_t)b->rig->cfg.unit_bytes +
			    GUEST_UNIT_WORD(rig_vcpu_word(b->rig, 0)));
	before = *word;
	if (mprotect(b->rig->mem.hva, b->rig->mem.nr_pages * 4096, PROT_READ))
		return call_failed(m, "mprotect()");
	run_phase(b->run, "readonly");
	ret = run_job(b->run, &job, &b->why);
	/* What KVM says to a write that it cannot let through; else it broke. */
	if (ret && ret != -EFAULT)
		return ret;
	rec_check(b->rec, "write_stops_the_vcpu", ret == -EFAULT,
		  "job on read-only memory ended with %d: %s", ret,
		  ret ? b->why.text : "the write went through");
	rec_check(b->rec, "readonly_content", *word == before,
		  "word is 0x%" PRIx64 ", was 0x%" PRIx64, *word, before);
	return 0;
}

/* -------------------------------------------------------------------------- */

static int remap_case(struct bench *b, const struct bench_case *c)
{
	int (*const how)(struct remap *) =
		c->arg[1] == 2 ? readonly : c->arg[1] ? storm : quiet;
	struct remap *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return reason_set(&b->why, -ENOMEM, "no memory");
	m->b = b;
	b->p.op = OP_WRITE;
	m->how = c->arg[0];
	m->scratch = mmap(NULL, CHUNK_PAGES * 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ret = m->scratch == MAP_FAILED ? call_failed(m, "mmap()") : 0;
	if (!ret && b->p.backing != BACKING_ANON && b->p.backing != BACKING_THP)
		ret = reason_skip(&b->why, -EOPNOTSUPP,
				  "remaps need an anonymous backing");
	if (!ret && how == storm &&
	    payload_members[b->p.payload]->caps & PAYLOAD_CHASE)
		ret = reason_skip(&b->why, -EOPNOTSUPP,
				  "the storm drops the links of --payload chase under the guests; use another payload");
	if (!ret)
		ret = bench_rig(b, NULL, 1);
	if (!ret)
		ret = bench_load_payload(b);
	if (!ret)
		ret = how(m);
	reap_child(m);
	bench_rig_free(b);
	munmap(m->scratch, CHUNK_PAGES * 4096);
	free(m);
	return ret;
}

#define REMAP(_name, _summary, _how, _mode) \
	{ .name = "fast_pf.remap." _name, .summary = _summary, \
	  .fn = remap_case, .arg = { _how, _mode } }

static const struct bench_case cases[] = {
	REMAP("dontneed", "madvise(DONTNEED), then refault", DONTNEED, 0),
	REMAP("mapfixed", "mmap(MAP_FIXED), then refault", MAPFIXED, 0),
	REMAP("mprotect", "mprotect() to read-only and back, then refault",
	      MPROTECT, 0),
	REMAP("fork", "fork(), then copy-on-write faults", FORK, 0),
	REMAP("storm.dontneed", "random DONTNEED beside running guests",
	      DONTNEED, 1),
	REMAP("readonly", "a write must not pass a read-only mapping",
	      MPROTECT, 2),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/remap",
		.question = "What do remaps of guest memory cost, through the MMU notifier?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
