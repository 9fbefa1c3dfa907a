// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program every guest runs: one loop over a table of accesses.
 *
 * All cleverness (which page, which order, which operation) lies in the
 * table that the host computed.  The loop bodies are expanded once per
 * operation and once more with a time stamp around each access, so that the
 * bare loop stays a handful of instructions and the cost of recording can be
 * measured as the difference of the two.
 *
 * Runs at CPL 3 or 0, without libc, vector registers or interrupts; the same
 * functions run in the host on host addresses.  It cannot tell why an access
 * was slow, only how long it took.
 */
#include "base/timing.h"
#include "guest/guestcode.h"
#include "guest/guestremap.h"
#include "guest/job.h"
#include "guest/stress.h"
#include "guest/tables.h"
#include "payload/order.h"

#define __inline_loop static inline __attribute__((always_inline))

/*
 * Entries between two looks at ->stop: 64 to 1024 would do; a chunk of
 * faulting accesses stays around a millisecond.
 */
#define CHUNK 256u

/* What the loops need of the job, in registers. */
struct cursor {
	uint64_t base;
	uint64_t word;		/* offset of this vCPU's word in a unit */
	uint64_t tag;
	uint64_t sum;
	struct hist *hist;	/* by operation */
	uint32_t lg2;
	uint32_t think;
};

static inline uint64_t tsc_end(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline uint64_t tsc_raw(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static void idle_for(uint32_t ticks)
{
	uint64_t start = tsc_raw();

	while (tsc_raw() - start < ticks)
		asm volatile("pause");
}

__inline_loop void access_one(struct cursor *c, uint64_t addr, uint32_t unit,
			      enum payload_op op)
{
	switch (op) {
	case OP_READ:
		c->sum += *(volatile uint64_t *)(addr + c->word);
		break;
	case OP_WRITE:
		*(volatile uint64_t *)(addr + c->word) = c->tag ^ unit;
		break;
	case OP_RMW:
		asm volatile("incq %0"
			     : "+m"(*(uint64_t *)(addr + c->word)));
		break;
	default:
		((void (*)(void))(addr + GUEST_UNIT_RET))();
		break;
	}
}

__inline_loop void access_timed(struct cursor *c, uint64_t addr, uint32_t unit,
				enum payload_op op, int timed)
{
	uint64_t start;

	if (!timed) {
		access_one(c, addr, unit, op);
		return;
	}
	start = timing_tsc();
	access_one(c, addr, unit, op);
	hist_add(&c->hist[op], tsc_end() - start);
}

/* @op is a constant in every expansion; NR_OPS means "as the entry says". */
__inline_loop void access_chunk(struct cursor *c, const uint32_t *entry,
				uint32_t nr, enum payload_op op, int timed)
{
	const uint32_t *end = entry + nr;

	for (; entry < end; entry++) {
		uint32_t unit = order_unit(*entry);
		uint64_t addr = c->base + ((uint64_t)unit << c->lg2);

		if (op != NR_OPS) {
			access_timed(c, addr, unit, op, timed);
		} else {
			switch (order_op(*entry)) {
			case OP_READ:
				access_timed(c, addr, unit, OP_READ, timed);
				break;
			case OP_WRITE:
				access_timed(c, addr, unit, OP_WRITE, timed);
				break;
			case OP_RMW:
				access_timed(c, addr, unit, OP_RMW, timed);
				break;
			default:
				access_timed(c, addr, unit, OP_EXEC, timed);
				break;
			}
		}
		if (c->think)
			idle_for(c->think);
	}
}

__inline_loop void access_by_op(struct cursor *c, const uint32_t *entry,
				uint32_t nr, uint32_t op, int timed)
{
	if (op == OP_READ)
		access_chunk(c, entry, nr, OP_READ, timed);
	else if (op == OP_WRITE)
		access_chunk(c, entry, nr, OP_WRITE, timed);
	else if (op == OP_RMW)
		access_chunk(c, entry, nr, OP_RMW, timed);
	else if (op == OP_EXEC)
		access_chunk(c, entry, nr, OP_EXEC, timed);
	else
		access_chunk(c, entry, nr, NR_OPS, timed);
}

/* The table is walked, nothing is touched: the price of the loop itself. */
__inline_loop void null_chunk(struct cursor *c, const uint32_t *entry,
			      uint32_t nr, uint32_t op, int timed)
{
	const uint32_t *end = entry + nr;

	for (; entry < end; entry++) {
		uint64_t start = timed ? timing_tsc() : 0;

		asm volatile("" : : "r"(c->base + ((uint64_t)order_unit(*entry)
						   << c->lg2)));
		if (timed)
			hist_add(&c->hist[op], tsc_end() - start);
		if (c->think)
			idle_for(c->think);
	}
}

static uint64_t chase_chunk(struct cursor *c, uint64_t addr,
			    const uint32_t *entry, uint32_t nr, uint32_t op,
			    int timed)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		uint32_t unit = (addr - c->base) >> c->lg2;
		uint32_t what = op == NR_OPS ? order_op(entry[i]) : op;
		uint64_t start = timed ? timing_tsc() : 0, next;

		next = *(volatile uint64_t *)(addr + GUEST_UNIT_CHASE);
		if (what != OP_READ)
			access_one(c, addr, unit, what);
		if (timed)
			hist_add(&c->hist[what], tsc_end() - start);
		addr = next;
		if (c->think)
			idle_for(c->think);
	}
	return addr;
}

static uint64_t one_chunk(struct guest_job *job, struct cursor *c,
			  uint64_t chase, uint32_t first, uint32_t nr)
{
	const uint32_t *entry = (const uint32_t *)job->order_gva + first;
	int timed = job->flags & GUEST_TIMED;
	uint32_t op = job->flags & GUEST_MIXED ? NR_OPS : job->op;

	if (job->cmd == GUEST_CHASE)
		return chase_chunk(c, chase, entry, nr, op, timed);
	if (job->cmd == GUEST_NULL) {
		if (timed)
			null_chunk(c, entry, nr, job->op, 1);
		else
			null_chunk(c, entry, nr, job->op, 0);
	} else if (timed) {
		access_by_op(c, entry, nr, op, 1);
	} else {
		access_by_op(c, entry, nr, op, 0);
	}
	return chase;
}

static void walk(struct guest_job *job, struct cursor *c)
{
	uint64_t chase;
	uint32_t at, nr;

	do {
		chase = job->chase_start_gva;
		for (at = 0; at < job->nr; at += nr) {
			nr = job->nr - at < CHUNK ? job->nr - at : CHUNK;
			chase = one_chunk(job, c, chase, at, nr);
			job->done += nr;
			if (job->flags & GUEST_UNTIL_STOP && job->stop)
				return;
		}
		job->progress++;
	} while (job->flags & GUEST_UNTIL_STOP && !job->stop);
}

/*
 * LOCK CMPXCHG behind the prefix by which KVM can be told to emulate
 * (force_emulation_prefix); where it is not, that is an undefined instruction.
 */
static void exchange_emulated(struct guest_job *job, struct cursor *c)
{
	const uint32_t *order = (const uint32_t *)job->order_gva;
	uint32_t at;

	for (at = 0; at < job->nr; at++) {
		uint64_t unit = order_unit(order[at]), expected;
		volatile uint64_t *word = (volatile uint64_t *)
			(c->base + (unit << c->lg2) + c->word);

		expected = *word + !!(job->flags & GUEST_FAIL_EXCHANGE);
		asm volatile("ud2; .ascii \"kvm\"; lock cmpxchgq %2, %1"
			     : "+a"(expected), "+m"(*word)
			     : "r"(c->tag ^ unit) : "memory", "cc");
	}
	job->done = job->nr;
}

/* Gaps in the stream of time stamps are time the guest did not run. */
static void watch_stalls(struct guest_job *job, struct cursor *c,
			 struct hist *stalls)
{
	const uint32_t *order = (const uint32_t *)job->order_gva;
	uint64_t last = tsc_raw(), now, gap, max = 0;
	uint32_t at = 0;

	while (!job->stop) {
		if (job->cmd == GUEST_STALL_TOUCH) {
			uint64_t unit = order_unit(order[at]);

			access_one(c, c->base + (unit << c->lg2), unit,
				   job->op);
			if (++at == job->nr) {
				at = 0;
				job->progress++;
			}
		}
		now = tsc_raw();
		gap = now - last;
		last = now;
		job->done++;
		if (gap < job->min_gap)
			continue;
		hist_add(stalls, gap);
		if (gap > max) {
			max = gap;
			job->max_gap_tsc = now;
		}
		last = tsc_raw();
	}
}

void guestcode_run(struct guest_job *job)
{
	struct guest_hists *hists = (struct guest_hists *)job->hists_gva;
	struct cursor c = {
		.base = job->mem_gva,
		.word = GUEST_UNIT_WORD(job->vcpu),
		.tag = job->tag,
		.hist = hists->op,
		.lg2 = job->unit_lg2,
		.think = job->think,
	};

	job->done = 0;
	job->progress = 0;
	job->tsc_start = timing_tsc();
	if (job->cmd == GUEST_STALL || job->cmd == GUEST_STALL_TOUCH)
		watch_stalls(job, &c, &hists->stalls);
	else if (job->cmd == GUEST_STRESS)
		stress_run((struct stress_guest *)job->stress_gva, &job->stop);
	else if (job->cmd == GUEST_TABLES)
		tables_run((struct tables_guest *)job->tables_gva, &job->stop);
	else if (job->cmd == GUEST_EMULATED)
		exchange_emulated(job, &c);
	else if (job->cmd == GUEST_REMAP)
		job->wrong_pages += guestremap_run(job, hists->remap);
	else
		walk(job, &c);
	job->tsc_end = timing_tsc();
	job->sum += c.sum;
}

void guestcode_main(struct guest_job *job, volatile uint64_t *doorbell)
{
	for (;;) {
		*doorbell = 1;
		guestcode_run(job);
	}
}
