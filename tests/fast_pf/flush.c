// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long does a host operation that must flush TLBs take, and how long do
 * the guests stand still for it?
 *
 * 0..N vCPUs loop in guest mode over a few warm pages and note every gap in
 * their TSC; beside them the host repeats one operation on one of these
 * pages (or on the memslot) and times each call.  The pages are mapped each
 * time; with 0 vCPUs the guest that mapped them has left guest mode.  The same
 * call on memory that no guest maps ("outside") is the host's own share.
 *
 * Flushes and requests come from KVM's counters, read around each call, which
 * miss flushes done by an arch range hook.  A gap also shows interrupts, the
 * guest's refault of the page and the call that undoes the timed one, so
 * stalls with no operation running are recorded first ("stall.idle").
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "dirty/dirty.h"
#include "run/rounds.h"

/* Units each guest cycles over: few, so that each is warm again soon. */
#define HOT_UNITS 16u
/* A gap from here on counts as a stall: above the loop, below an exit. */
#define STALL_NS 500
/*
 * Guests that share CPUs take turns, and a call waits for each of them twice:
 * a point ends with fewer calls when it has taken this long.
 */
#define POINT_NS 3000000000ull

enum call { MPROTECT, DONTNEED, LOG_ON, GET_LOG };

/* Numbers of vCPUs measured: 0 1 2 3 4 8 16 32 and all. */
#define MAX_POINTS 12u
/* A job's mask names one of the first 64 vCPUs or, being 0, all. */
#define MASK_BITS 64u

struct point {
	unsigned int nr_vcpus;
	struct hist calls, stalls;
	bool counted;		/* KVM has the counters below */
	double requests, flushes;	/* per call */
};

struct flush {
	struct bench *b;
	enum call call;
	unsigned long *bitmap;
	char *scratch;
	uint64_t nr_calls;
	struct hist calls, outside, idle;
	int64_t requests, flushes;	/* of the calls, without what undoes them */
	struct point points[MAX_POINTS];
	unsigned int nr_points;
};

/* Guests write, but only read where the call takes write access away. */
static enum payload_op guest_op(const struct flush *f)
{
	return f->call == MPROTECT ? OP_READ : OP_WRITE;
}

static int call_failed(struct flush *f, const char *what)
{
	int err = errno;

	return reason_set(&f->b->why, -err, "%s failed: %s", what, strerror(err));
}

static uint64_t page_bytes(const struct flush *f)
{
	return rig_backing_page_bytes(f->b->rig->cfg.backing);
}

/*
 * With n vCPUs the last n run, this one always: the first is who shares its
 * CPU with the caller where there are not enough, and would never be remote.
 */
static unsigned int lead_vcpu(const struct flush *f)
{
	unsigned int nr = f->b->rig->cfg.nr_vcpus;

	return (nr < MASK_BITS ? nr : MASK_BITS) - 1;
}

/* Of @nr vCPUs; a mask cannot name more than it has bits, but all by 0. */
static uint64_t vcpu_mask(const struct flush *f, unsigned int nr)
{
	if (!nr || nr >= MASK_BITS)
		return 0;
	return ((1ull << nr) - 1) << (lead_vcpu(f) + 1 - nr);
}

/* The page that this vCPU touches as the @nr-th of its hot units. */
static char *hot_page(const struct flush *f, uint64_t nr)
{
	const struct rig *rig = f->b->rig;
	unsigned int lead = lead_vcpu(f);
	uint32_t unit = order_unit(rig->orders[lead][nr % HOT_UNITS]);
	uint64_t at = (char *)rig_unit_hva(rig, lead, unit) -
		      (char *)rig->mem.hva;

	return (char *)rig->mem.hva + at / page_bytes(f) * page_bytes(f);
}

static int get_log(struct flush *f)
{
	struct rig *rig = f->b->rig;
	unsigned int i;

	for (i = 0; i < rig->cfg.nr_slots; i++) {
		struct kvm_dirty_log log = {
			.slot = rig_slot_pages(rig, i).slot,
			.dirty_bitmap = f->bitmap,
		};

		if (ioctl(rig->vm_fd, KVM_GET_DIRTY_LOG, &log))
			return call_failed(f, "KVM_GET_DIRTY_LOG");
	}
	return 0;
}

/* The timed part: one call on @page. */
static int make_call(struct flush *f, char *page)
{
	switch (f->call) {
	case MPROTECT:
		if (mprotect(page, page_bytes(f), PROT_READ))
			return call_failed(f, "mprotect()");
		return 0;
	case DONTNEED:
		if (madvise(page, page_bytes(f), MADV_DONTNEED))
			return call_failed(f, "madvise(MADV_DONTNEED)");
		return 0;
	case LOG_ON:
		return rig_change_slot_flags(f->b->rig,
					     KVM_MEM_LOG_DIRTY_PAGES, 0,
					     &f->b->why);
	default:
		return get_log(f);
	}
}

/* The untimed part that makes the next call find work again. */
static int undo_call(struct flush *f, char *page)
{
	if (f->call == MPROTECT &&
	    mprotect(page, page_bytes(f), PROT_READ | PROT_WRITE))
		return call_failed(f, "mprotect()");
	if (f->call == LOG_ON)
		return rig_change_slot_flags(f->b->rig, 0,
					     KVM_MEM_LOG_DIRTY_PAGES,
					     &f->b->why);
	return 0;
}

static int timed_call(struct flush *f, char *page, struct hist *h)
{
	uint64_t start = timing_now_ns();
	int ret = make_call(f, page);

	if (!ret)
		hist_add(h, timing_now_ns() - start);
	return ret;
}

static int counted_call(struct flush *f, char *page)
{
	struct kstat *k = f->b->rig->kstat;
	struct kstat_snap *before = kstat_snap(k), *after;
	int ret = timed_call(f, page, &f->calls);

	after = kstat_snap(k);
	if (before && after) {
		f->requests += kstat_delta(before, after,
					   "remote_tlb_flush_requests");
		f->flushes += kstat_delta(before, after, "remote_tlb_flush");
	}
	kstat_snap_free(before);
	kstat_snap_free(after);
	return ret ? ret : undo_call(f, page);
}

/*
 * Every vCPU has been through its hot units again, so that the next call finds
 * them mapped; with none in guest mode one of them goes in and comes out.
 */
static int touch_again(struct flush *f, unsigned int nr_vcpus)
{
	struct bench *b = f->b;
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .nr = HOT_UNITS, .op = guest_op(f),
		.vcpu_mask = vcpu_mask(f, 1),
	};

	return nr_vcpus ? run_wait_rounds(b->run, 2, &b->why) :
			  run_job(b->run, &job, &b->why);
}

static int repeat_calls(struct flush *f, unsigned int nr_vcpus)
{
	uint64_t i, end = timing_now_ns() + POINT_NS;
	int ret = 0;

	hist_reset(&f->calls);
	f->requests = f->flushes = 0;
	for (i = 0; i < f->nr_calls && !ret; i++) {
		if (i && timing_now_ns() > end)
			break;
		ret = touch_again(f, nr_vcpus);
		if (!ret)
			ret = counted_call(f, hot_page(f, i));
	}
	return ret;
}

static void note_point(struct flush *f, unsigned int nr_vcpus)
{
	struct point *p = &f->points[f->nr_points++];

	p->nr_vcpus = nr_vcpus;
	p->calls = f->calls;
	if (nr_vcpus)
		run_stalls(f->b->run, &p->stalls);
	p->counted = kstat_has(f->b->rig->kstat, "remote_tlb_flush_requests");
	p->requests = (double)f->requests / f->calls.n;
	p->flushes = (double)f->flushes / f->calls.n;
}

static void record_counts(struct rec *rec, const struct point *p)
{
	char name[64];

	snprintf(name, sizeof(name), "flush_requests_per_call.vcpus%u",
		 p->nr_vcpus);
	rec_value(rec, name, p->requests, "requests", BETTER_LOWER);
	snprintf(name, sizeof(name), "flushes_per_call.vcpus%u", p->nr_vcpus);
	rec_value(rec, name, p->flushes, "flushes", BETTER_LOWER);
}

static void record_point(struct rec *rec, const struct point *p)
{
	char name[64];

	snprintf(name, sizeof(name), "call.vcpus%u", p->nr_vcpus);
	rec_dist(rec, name, &p->calls, "ns", 1, BETTER_LOWER);
	if (p->counted)
		record_counts(rec, p);
	if (!p->nr_vcpus)
		return;
	snprintf(name, sizeof(name), "stall.vcpus%u", p->nr_vcpus);
	rec_dist(rec, name, &p->stalls, "ns", timing_ns_per_tsc(),
		 BETTER_LOWER);
}

/* The busiest point first: it is the figure that stands for the case. */
static void record_points(struct flush *f)
{
	double x[MAX_POINTS], p50[MAX_POINTS], requests[MAX_POINTS];
	struct rec *rec = f->b->rec;
	unsigned int i;

	for (i = f->nr_points; i-- > 0;) {
		record_point(rec, &f->points[i]);
		x[i] = f->points[i].nr_vcpus;
		p50[i] = hist_quantile(&f->points[i].calls, 0.5);
		requests[i] = f->points[i].requests;
	}
	rec_series(rec, "scaling.call_p50", "vcpus", "ns", x, p50,
		   f->nr_points);
	if (f->points[0].counted)
		rec_series(rec, "scaling.flush_requests", "vcpus", "requests",
			   x, requests, f->nr_points);
}

static struct run_job stall_job(const struct flush *f, unsigned int nr_vcpus)
{
	return (struct run_job) {
		.cmd = GUEST_STALL_TOUCH, .nr = HOT_UNITS,
		.op = guest_op(f),
		.min_gap = STALL_NS / timing_ns_per_tsc(),
		.vcpu_mask = vcpu_mask(f, nr_vcpus),
	};
}

static int one_point(struct flush *f, unsigned int nr_vcpus)
{
	const struct run_job job = stall_job(f, nr_vcpus);
	struct bench *b = f->b;
	char name[48];
	int ret = 0;

	snprintf(name, sizeof(name), "vcpus%u", nr_vcpus);
	run_latency_reset(b->run);
	if (nr_vcpus)
		ret = run_start(b->run, &job, &b->why);
	if (ret)
		return ret;
	run_phase(b->run, name);
	ret = repeat_calls(f, nr_vcpus);
	run_phase(b->run, "between");
	if (nr_vcpus && !ret)
		ret = run_stop(b->run, &b->why);
	if (!ret)
		note_point(f, nr_vcpus);
	return ret;
}

/* What the guests see with nobody disturbing them: the machine's own noise. */
static int idle_stalls(struct flush *f)
{
	const struct run_job job = stall_job(f, f->b->rig->cfg.nr_vcpus);
	int ret;

	run_latency_reset(f->b->run);
	run_phase(f->b->run, "idle");
	ret = run_start(f->b->run, &job, &f->b->why);
	if (ret)
		return ret;
	timing_sleep_ns(50000000);
	ret = run_stop(f->b->run, &f->b->why);
	if (!ret)
		run_stalls(f->b->run, &f->idle);
	return ret;
}

static int outside(struct flush *f)
{
	uint64_t i;
	int ret = 0;

	if (f->call != MPROTECT && f->call != DONTNEED)
		return 0;
	for (i = 0; i < f->nr_calls && !ret; i++) {
		memset(f->scratch, 1, page_bytes(f));
		ret = timed_call(f, f->scratch, &f->outside);
		if (!ret)
			ret = undo_call(f, f->scratch);
	}
	return ret;
}

/* 0 1 2 3 4 8 16 ... and all of them. */
static unsigned int next_point(unsigned int n, unsigned int nr)
{
	unsigned int next = n < 4 ? n + 1 : 2 * n;

	return (next > nr || next >= MASK_BITS) && n < nr ? nr : next;
}

static int measure(struct flush *f)
{
	struct bench *b = f->b;
	unsigned int nr = b->rig->cfg.nr_vcpus, n;
	int ret = bench_populate(b);

	if (!ret && f->call == GET_LOG)
		ret = rig_change_slot_flags(b->rig, KVM_MEM_LOG_DIRTY_PAGES, 0,
					    &b->why);
	if (!ret)
		ret = outside(f);
	if (!ret)
		ret = idle_stalls(f);
	for (n = 0; n <= nr && !ret; n = next_point(n, nr))
		ret = one_point(f, n);
	if (ret)
		return ret;
	record_points(f);
	if (f->outside.n)
		rec_dist(b->rec, "call.outside", &f->outside, "ns", 1,
			 BETTER_NONE);
	rec_dist(b->rec, "stall.idle", &f->idle, "ns", timing_ns_per_tsc(),
		 BETTER_NONE);
	return run_record_self_cost(b->run, &b->why);
}

static int measure_with_scratch(struct flush *f)
{
	int ret;

	f->bitmap = calloc(dirty_bitmap_longs(f->b->rig->slot_pages),
			   sizeof(*f->bitmap));
	if (!f->bitmap)
		return reason_set(&f->b->why, -ENOMEM, "no memory");
	f->scratch = mmap(NULL, page_bytes(f), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->scratch == MAP_FAILED)
		return call_failed(f, "mmap()");
	ret = measure(f);
	munmap(f->scratch, page_bytes(f));
	return ret;
}

static int flush_case(struct bench *b, const struct bench_case *c)
{
	struct flush *f = calloc(1, sizeof(*f));
	int ret;

	if (!f)
		return reason_set(&b->why, -ENOMEM, "no memory");
	f->b = b;
	f->call = c->arg[0];
	f->nr_calls = (uint64_t)b->p.rounds * b->p.calls;
	ret = bench_rig(b, NULL, 0);
	if (!ret)
		ret = bench_load_payload(b);
	if (!ret && rig_vcpu_units(b->rig) < HOT_UNITS)
		ret = reason_skip(&b->why, -EOPNOTSUPP,
				  "needs %u units per vCPU, see --bytes and --unit",
				  HOT_UNITS);
	if (!ret)
		ret = measure_with_scratch(f);
	bench_rig_free(b);
	free(f->bitmap);
	free(f);
	return ret;
}

#define FLUSH(_name, _summary, _call) \
	{ .name = "fast_pf.flush." _name, .summary = _summary, \
	  .fn = flush_case, .arg = { _call } }

static const struct bench_case cases[] = {
	FLUSH("mprotect", "mprotect(PROT_READ) of one mapped page", MPROTECT),
	FLUSH("dontneed", "madvise(DONTNEED) of one mapped page", DONTNEED),
	FLUSH("log_on", "dirty logging switched on for the memslots", LOG_ON),
	FLUSH("get_log", "KVM_GET_DIRTY_LOG with hot dirty pages", GET_LOG),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/flush",
		.question = "How long do operations that flush TLBs take, and how long do guests stall?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
