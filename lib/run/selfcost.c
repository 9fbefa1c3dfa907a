// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the harness itself costs: measured in every run, stored beside the
 * results.
 *
 * Recording is priced as the difference between the timed and the bare loop
 * over the same few warm units, alternating, by the guest's own TSC; the
 * median of the rounds is taken.  The price is paid between the time stamps
 * and around them, so a recorded latency contains only a part of it: the
 * floor is what a timed access to nothing shows.
 */
#include <string.h>

#include "base/timing.h"
#include "record/place.h"
#include "run/rounds.h"
#include "internal.h"

/* 9 to 101 would do; an emulator's instruction counts are the same each time. */
#define ROUNDS 31
#define ROUNDS_EMULATED 3
#define ACCESSES 256
/*
 * Units they go to: few enough to stay in the first-level TLB and cache, where
 * addresses a page apart all compete for one set of 8 lines or more.  A miss
 * would hide in the bare loop and show in the timed one, which waits for it.
 */
#define HOT_UNITS 4u
#define LAPS 16
#define LAPS_EMULATED 4
/*
 * Real time after which three rounds are enough: they take a tenth of this, but
 * half a minute where KVM interprets the guest.  0.5 to 5 s would do.
 */
#define BUDGET_NS 1000000000ull

/* Ticks per access of vCPU 0, the best of LAPS jobs: what the code takes. */
static int ticks_per_access(struct run *r, enum guest_cmd cmd,
			    unsigned int flags, struct rounds *rounds,
			    struct reason *why)
{
	uint32_t nr = ACCESSES;
	struct run_job job = {
		.cmd = cmd, .flags = flags, .op = OP_READ, .vcpu_mask = 1,
	};
	unsigned int lap, laps = place_emulated() ? LAPS_EMULATED : LAPS;
	double best = 0;
	int ret;

	if (nr > r->rig->cfg.max_accesses)
		nr = r->rig->cfg.max_accesses;
	job.nr = nr;
	for (lap = 0; lap < laps; lap++) {
		double t;

		ret = run_job(r, &job, why);
		if (ret)
			return ret;
		t = (double)run_job_tsc(r, 0) / nr;
		if (!lap || t < best)
			best = t;
	}
	rounds_add(rounds, best);
	return 0;
}

static int measure_rounds(struct run *r, struct rounds *bare,
			  struct rounds *timed, struct rounds *loop,
			  struct reason *why)
{
	unsigned int i, nr = place_emulated() ? ROUNDS_EMULATED : ROUNDS;
	uint64_t end_ns = timing_now_ns() + BUDGET_NS;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++) {
		if (i >= ROUNDS_EMULATED && timing_now_ns() > end_ns)
			break;
		ret = ticks_per_access(r, GUEST_ACCESS, 0, bare, why);
		if (!ret)
			ret = ticks_per_access(r, GUEST_ACCESS, GUEST_TIMED,
					       timed, why);
		if (!ret)
			ret = ticks_per_access(r, GUEST_NULL, 0, loop, why);
	}
	return ret;
}

/* Point vCPU 0's first accesses at a few units, whatever its payload is. */
static uint32_t go_hot(struct run *r, uint32_t *saved)
{
	uint32_t *order = r->rig->orders[0], nr = ACCESSES, i;
	uint32_t units = rig_vcpu_units(r->rig);

	if (nr > r->rig->cfg.max_accesses)
		nr = r->rig->cfg.max_accesses;
	memcpy(saved, order, nr * sizeof(*saved));
	for (i = 0; i < nr; i++)
		order[i] = order_entry(i % (units < HOT_UNITS ? units :
					    HOT_UNITS), OP_READ);
	return nr;
}

static int measure_floor(struct run *r, struct hist *floor, struct reason *why)
{
	const struct run_job job = {
		.cmd = GUEST_NULL, .flags = GUEST_TIMED, .vcpu_mask = 1,
	};
	int ret;

	run_latency_reset(r);
	ret = run_job(r, &job, why);
	run_latency(r, OP_READ, floor);
	run_latency_reset(r);
	return ret;
}

static int measure_round_trip(struct run *r, struct hist *trip,
			      struct reason *why)
{
	const struct run_job job = { .cmd = GUEST_NULL, .nr = 1, .vcpu_mask = 1 };
	unsigned int i, nr = place_emulated() ? 16 : 64;
	uint64_t start;
	int ret = 0;

	hist_reset(trip);
	for (i = 0; i < nr && !ret; i++) {
		start = timing_now_ns();
		ret = run_job(r, &job, why);
		hist_add(trip, timing_now_ns() - start);
	}
	return ret;
}

int run_record_self_cost(struct run *r, struct reason *why)
{
	static struct rounds bare, timed, loop;
	static struct hist floor, trip;
	uint32_t nr = r->rig->jobs[0]->nr, saved[ACCESSES], nr_saved;
	double per_tick = timing_ns_per_tsc(), cost;
	int ret;

	run_phase(r, "self");
	bare.nr = timed.nr = loop.nr = 0;
	nr_saved = go_hot(r, saved);
	ret = measure_rounds(r, &bare, &timed, &loop, why);
	if (!ret)
		ret = measure_floor(r, &floor, why);
	if (!ret)
		ret = measure_round_trip(r, &trip, why);
	r->rig->jobs[0]->nr = nr;
	memcpy(r->rig->orders[0], saved, nr_saved * sizeof(*saved));
	if (ret)
		return ret;
	cost = rounds_median(&timed) - rounds_median(&bare);
	rec_value(r->rec, "self.record_tsc", cost, "tsc", BETTER_LOWER);
	rec_value(r->rec, "self.bare_access_tsc", rounds_median(&bare), "tsc",
		  BETTER_LOWER);
	rec_value(r->rec, "self.loop_tsc", rounds_median(&loop), "tsc", BETTER_LOWER);
	rec_value(r->rec, "self.timestamp_ns", timing_self_cost_ns(), "ns",
		  BETTER_LOWER);
	rec_dist(r->rec, "self.latency_floor", &floor, "ns", per_tick,
		 BETTER_LOWER);
	rec_dist(r->rec, "self.round_trip", &trip, "ns", 1, BETTER_LOWER);
	return 0;
}
