// SPDX-License-Identifier: GPL-2.0-only
/*
 * How close to native does the guest touch warm memory?
 *
 * The same compiled loop walks the same pages in the same order, once in the
 * guest and once in a host thread on the same CPU, in turns; the ratio of the
 * two medians is the figure (1 = native).  It holds the cost of two-stage
 * TLB misses and of interrupts that hit the guest; it cannot tell them apart.
 */
#include <errno.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "guest/guestcode.h"
#include "payload/payload.h"
#include "run/rounds.h"

/* Rounds of each side, in turns: at least 11 for a stable median. */
#define MIN_ROUNDS 21

/* The job of vCPU 0, on host addresses. */
static struct guest_job host_job(const struct bench *b)
{
	struct guest_job job = *b->rig->jobs[0];

	job.mem_gva = (uint64_t)(uintptr_t)rig_vcpu_pages(b->rig, 0).hva;
	job.order_gva = (uint64_t)(uintptr_t)b->rig->orders[0];
	job.hists_gva = (uint64_t)(uintptr_t)b->rig->hists[0];
	return job;
}

static int measure(struct bench *b, enum payload_op op, struct rounds *guest,
		   struct rounds *host)
{
	struct run_job job = bench_job(b, op, 0);
	unsigned int i, nr = b->p.rounds > MIN_ROUNDS ? b->p.rounds : MIN_ROUNDS;
	double scale = timing_ns_per_tsc();
	int ret = 0;

	job.vcpu_mask = 1;
	for (i = 0; i < nr && !ret; i++) {
		struct guest_job mine;

		ret = run_job(b->run, &job, &b->why);
		if (ret)
			break;
		rounds_add(guest, run_job_tsc(b->run, 0) * scale /
					  b->rig->jobs[0]->done);
		/* Same tag, same values: the oracle stays right. */
		mine = host_job(b);
		guestcode_run(&mine);
		rounds_add(host, (mine.tsc_end - mine.tsc_start) * scale /
					 mine.done);
	}
	return ret;
}

static int warm_case(struct bench *b, const struct bench_case *c)
{
	static struct rounds guest, host;
	int ret;

	if (payload_members[b->p.payload]->caps & PAYLOAD_CHASE)
		return reason_skip(&b->why, -EOPNOTSUPP,
				   "the links of --payload chase hold guest addresses, which a host thread cannot follow; use another payload");
	b->p.op = c->arg[0];
	ret = bench_rig(b, NULL, 0);
	if (!ret)
		ret = bench_load_payload(b);
	if (!ret)
		ret = topo_pin_self(topo_vcpu(b->topo, 0), &b->why);
	if (!ret)
		ret = bench_populate(b);
	if (ret)
		return ret;
	run_phase(b->run, "measure");
	ret = measure(b, c->arg[0], &guest, &host);
	if (ret)
		return ret;
	rec_value(b->rec, "warm_touch_ratio",
		  rounds_median(&host) / rounds_median(&guest), "x",
		  BETTER_HIGHER);
	rec_value(b->rec, "guest_access", rounds_median(&guest), "ns",
		  BETTER_LOWER);
	rec_value(b->rec, "host_access", rounds_median(&host), "ns",
		  BETTER_NONE);
	rounds_record(b->rec, "guest_access.by_round", "ns", &guest);
	rounds_record(b->rec, "host_access.by_round", "ns", &host);
	return run_record_self_cost(b->run, &b->why);
}

static const struct bench_case cases[] = {
	{ .name = "fast_pf.warm.read", .fn = warm_case, .arg = { OP_READ },
	  .summary = "warm reads, guest against host thread" },
	{ .name = "fast_pf.warm.write", .fn = warm_case, .arg = { OP_WRITE },
	  .summary = "warm writes, guest against host thread" },
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/warm",
		.question = "How close to native does the guest touch warm memory?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
