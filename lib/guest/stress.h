/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that checks itself: what it shares with the host, and the rules by
 * which either side judges what it finds in memory.
 *
 * Each page under test holds one unit per vCPU, which only that vCPU writes.
 * A unit's first word is a value that names its writer, the generation and,
 * by a hash over these and the page, where it belongs; the second word is its
 * complement, the third is code that returns the generation.
 *
 * Two tables lie beside the memory, in pages that no agent touches:
 *
 *	states[page]	written by the host.  It says whether an agent is
 *			changing the page now, whether writes may pass, and how
 *			often its content was replaced (the epoch).
 *	recs[vcpu, page] written by that vCPU after each write: generation,
 *			the epoch it wrote in, and whether it is sure of that.
 *
 * A reader takes the state, the record and the unit, then the state again.
 * If both states are equal and no change is on, what the unit may hold
 * follows from the record.  The state before and the state after enclose the
 * access, so a change by the host is ordered against it without a lock, and
 * no legal race is ever reported.  (Intel SDM, AMD APM: memory ordering.)
 *
 * Everything here is compiled for the guest and for the host.
 */
#ifndef MMUBENCH_GUEST_STRESS_H
#define MMUBENCH_GUEST_STRESS_H

#include <stdint.h>

#define STRESS_UNIT_BYTES	64u
#define STRESS_MAX_VCPUS	63u	/* units of a page; the last one is free */
#define STRESS_LOG_OPS		4096u	/* per vCPU, a power of two; chosen */
#define STRESS_MAX_BAD		8u	/* violations a vCPU keeps; chosen */
#define STRESS_PAUSE_OPS	64u	/* between two pauses; chosen */

/* ---- states[page] ---------------------------------------------------------- */

enum stress_state {
	STRESS_CHANGING	= 1 << 0, /* content or rights are being changed */
	STRESS_READONLY	= 1 << 1, /* no write of a guest may get through */
	STRESS_STAMPED	= 1 << 2, /* replaced by stamps, not by zeroes */
	STRESS_HELD	= 1 << 3, /* an agent works on it; guests need not care */
	STRESS_CLOSED	= 1 << 4, /* no access of a guest may get through */
	STRESS_LAZY	= 1 << 5, /* may be zeroes instead until it is written */
	STRESS_SEQ	= 1 << 6, /* one change; counts up to bit 31 */
};

static inline uint32_t stress_epoch(uint64_t state)
{
	return state >> 32;
}

/* ---- recs[vcpu * nr_pages + page] ------------------------------------------ */

/* A write that an agent's change overlapped: it may be there, or not. */
#define STRESS_UNSURE (1ull << 32)

static inline uint64_t stress_rec(uint32_t gen, uint32_t epoch, int unsure)
{
	return (uint64_t)gen << 33 | (unsure ? STRESS_UNSURE : 0) | epoch;
}

static inline uint32_t stress_rec_gen(uint64_t rec)
{
	return rec >> 33;
}

/* ---- values ---------------------------------------------------------------- */

#define STRESS_GEN_MASK	0xfffffffu	/* generations wrap at 2^28 */
#define STRESS_HOST	0xffu		/* writer of stamps */

/* What @writer's unit of @page holds in generation @gen. Never 0. */
uint64_t stress_value(uint64_t seed, uint32_t writer, uint32_t page,
		      uint32_t gen);

enum stress_op {
	STRESS_CHECK,		/* read the own unit */
	STRESS_CHECK_OTHER,	/* read another vCPU's */
	STRESS_STORE,		/* plain stores */
	STRESS_LOCKED,		/* LOCK CMPXCHG, XCHG */
	STRESS_SPLIT,		/* in halves, unaligned */
	STRESS_CALL,		/* rewrite the code and call it */
	NR_STRESS_OPS
};

/* What is wrong; the order is that of stress_kind_names[]. */
enum stress_kind {
	STRESS_OK,
	STRESS_RACED,		/* a change overlapped: nothing can be said */
	STRESS_LOST,		/* a write is gone */
	STRESS_STALE,		/* an older generation or an older page */
	STRESS_FOREIGN,		/* nothing that was ever written there */
	STRESS_TORN,		/* the second word does not match */
	STRESS_PASSED,		/* a write or read got through without the right */
	STRESS_CODE,		/* code of another generation ran */
	NR_STRESS_KINDS
};

extern const char *const stress_kind_names[];
extern const char *const stress_op_names[];

/* One violation, or one line of a vCPU's log. */
struct stress_event {
	uint64_t tsc;
	uint64_t state;		/* before the access */
	uint64_t rec;		/* of the unit's writer, before the access */
	uint64_t found[2];	/* the unit's words (a violation's) */
	uint32_t page;
	uint8_t op, kind, writer, pad;
};

/* The world as one side addresses it. */
struct stress_view {
	volatile uint64_t *states;
	volatile uint64_t *recs;
	char *mem;		/* first page under test */
	uint64_t seed;
	uint32_t nr_pages;
	uint32_t nr_vcpus;
	/* Pages from here on keep their content, so that code may run there. */
	uint32_t first_steady;
	/* Pages from here on hold the guests' own page tables, see tables.h. */
	uint32_t first_table;
};

/* A vCPU's job and what it reports; in memory shared with the host. */
struct stress_guest {
	/* host to guest */
	struct stress_view view;	/* in the guest's addresses */
	uint64_t rng;
	uint32_t vcpu;
	uint32_t weights[NR_STRESS_OPS]; /* of 256 in sum */
	/* Called now and then between two turns, unless NULL. */
	void (*pause)(void *arg);
	void *pause_arg;
	/* guest to host */
	volatile uint64_t done;		/* operations */
	uint64_t raced;			/* checks that said nothing */
	uint64_t ops[NR_STRESS_OPS];
	volatile uint32_t nr_bad;
	struct stress_event bad[STRESS_MAX_BAD];
	uint64_t log_at;		/* next line, modulo STRESS_LOG_OPS */
	struct stress_event log[STRESS_LOG_OPS];
};

/*
 * Judge @writer's unit of @page. @own: the caller is its writer, or the
 * writer does not run.  Fills @e when not NULL.
 */
enum stress_kind stress_check(const struct stress_view *v, uint32_t writer,
			      uint32_t page, int own, struct stress_event *e);

/*
 * The same in steps, for an access by other means than v->mem: what is known
 * of the unit before it, then the verdict on the @first word that was found.
 * stress_look() is false while a change is on: then nothing can be said.
 */
struct stress_look {
	uint64_t state, rec;
};
int stress_look(const struct stress_view *v, uint32_t writer, uint32_t page,
		struct stress_look *l);
enum stress_kind stress_verdict(const struct stress_view *v, uint32_t writer,
				uint32_t page, int own,
				const struct stress_look *l, uint64_t first);
/* Is @value one that @writer once wrote in @page? */
int stress_is_value(const struct stress_view *v, uint32_t writer,
		    uint32_t page, uint64_t value);

/*
 * Write the next generation of the own unit in steps: begin, store @value in
 * the first word and its complement in the second, end.
 */
struct stress_write {
	uint64_t before, was, old, value;
	uint32_t page, gen;
};
int stress_write_begin(const struct stress_guest *g, uint32_t page,
		       struct stress_write *w);
enum stress_kind stress_write_end(const struct stress_guest *g,
				  const struct stress_write *w,
				  uint64_t *found);
/* Nobody knows what became of the write. */
void stress_write_lost(const struct stress_guest *g,
		       const struct stress_write *w);
volatile uint64_t *stress_unit(const struct stress_view *v, uint32_t writer,
			       uint32_t page);

/* The 8 bytes of code that return @gen. */
uint64_t stress_code(uint32_t gen);

/* One operation; true if it violated a rule. */
int stress_turn(struct stress_guest *g);
uint64_t stress_random(struct stress_guest *g);

/* At most @nr operations, until *@stop or a violation. */
void stress_turns(struct stress_guest *g, const volatile uint32_t *stop,
		  uint32_t nr);
/* Operations until *@stop or a violation. */
void stress_run(struct stress_guest *g, const volatile uint32_t *stop);

#endif
