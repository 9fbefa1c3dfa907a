/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of a stress run: the rig, what guests and host know about each
 * page, the agents' history, and the alarms.
 *
 * Threads: the controller opens and closes the world and judges in quiet
 * moments, when neither guests nor agents run.  Agents use what stands below
 * "for agents"; those functions may be called by several threads at once.
 */
#ifndef MMUBENCH_STRESS_WORLD_H
#define MMUBENCH_STRESS_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/bench.h"
#include "dirty/dirty.h"
#include "guest/stress.h"
#include "guest/tables.h"

#define WORLD_HISTORY	1024u	/* last steps of agents; chosen */
#define WORLD_ALARMS	16u	/* alarms kept with their text; chosen */

/* One thing an agent did to [first, first + nr). */
struct world_deed {
	uint64_t begin_ns, end_ns;
	const char *agent, *what;
	uint32_t first, nr;
};

struct world_alarm {
	const char *judge;	/* a name of world_judges[] */
	char text[700];
	uint32_t page;		/* or UINT32_MAX */
};

struct errand;

struct world {
	struct bench *b;
	struct rig *rig;
	struct stress_view view;	/* in the host's addresses */
	/* Shared: one per vCPU, then one per vCPU for its SMM, if that is used. */
	struct stress_guest **guests;
	unsigned int nr_guests;
	struct tables_guest **tables;	/* per vCPU, or NULL: no guest edits any */
	uint64_t tables_at;	/* where they are in the shared memory */
	struct dirty log;		/* opened before the VM, may be unused */
	bool has_log;
	const char *plant;	/* the judge that a planted error is for, or "" */

	/* Memslots are deleted, made and logged by one thread at a time. */
	pthread_mutex_t slots_lock;
	/* Pages whose content the host replaced: no log tells of that. */
	volatile unsigned long *host_dirty;

	struct errand *errands;		/* per vCPU */
	bool merges;			/* KSM runs, by us */

	uint64_t begin_ns;
	pthread_mutex_t lock;		/* guards all below */
	struct world_deed deeds[WORLD_HISTORY];
	uint64_t nr_deeds;
	struct world_alarm alarms[WORLD_ALARMS];
	volatile unsigned int nr_alarms;
	uint64_t alarm_ns;		/* when the first was raised */
	struct kstat_snap *kvm_begin, *kvm_alarm;

	/* By vCPU threads, atomically. */
	uint64_t faults, mmio_exits;
	uint64_t cut_short;	/* calls that a signal had to end */
};

/* What is judged; each becomes a check of the record. NULL-terminated. */
extern const char *const world_judges[];

struct world_setup {
	const char *log;	/* a dirty-tracking backend, or NULL for none */
	unsigned int log_flags;	/* enum dirty_flags */
	unsigned int nr_agents;	/* threads that will take steps */
	bool is_shared;		/* the memory, whatever --backing says */
	unsigned int levels;	/* of tables that guests in ring 0 edit; 0: none */
	bool is_nested;		/* guests of guests do the work */
	bool has_smm;		/* so does SMM, whenever an SMI comes */
	const char *plant;	/* an error for this judge, or "" */
};

/* 0, or -errno with b->why. */
int world_open(struct world *w, struct bench *b, const struct world_setup *s);
void world_close(struct world *w);

/* Every unit of every page, guests stopped: content and progress of vCPUs. */
void world_judge_content(struct world *w);
/* Take over what guests have found themselves. */
void world_collect_guests(struct world *w);
/* Record the checks, one per judge, and the counts. */
void world_record(struct world *w);

/* errand.c: life, and what a vCPU's thread does between two KVM_RUNs. */
int world_errands_open(struct world *w);
void world_errands_close(struct world *w);
void world_errand_do(struct world *w, unsigned int vcpu);

/* tables.c: pages that hold tables, and what a guest needs to use them. */
#define WORLD_HOLE_GPA	0xb8000000ull	/* backed by no memslot */
static inline uint32_t world_table_pages(unsigned int nr_vcpus)
{
	return TABLES_NR * nr_vcpus;
}

/* After world_open() with the same @levels. 0, or -errno with b->why. */
int world_open_tables(struct world *w, unsigned int levels);
void world_collect_tables(struct world *w);
void world_record_tables(struct world *w);

/* ---- for agents ------------------------------------------------------------ */

/* @judge must be one of world_judges[]. @page: UINT32_MAX for none. */
void world_alarm(struct world *w, const char *judge, uint32_t page,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Note a deed that began at @begin_ns and is over. */
void world_did(struct world *w, const char *agent, const char *what,
	       uint32_t first, uint32_t nr, uint64_t begin_ns);

/*
 * Claim pages from @first on for a change: until world_release() nobody else
 * gets them and no check says anything about them.  Returns how many of @nr,
 * from @first on without a gap, are the caller's now; may be 0.
 */
uint32_t world_claim(struct world *w, uint32_t first, uint32_t nr);
/* All of them or none. */
bool world_claim_all(struct world *w, uint32_t first, uint32_t nr);
/* Claim pages again that the caller holds. */
void world_reclaim(struct world *w, uint32_t first, uint32_t nr);

enum world_change {
	WORLD_KEPT,	/* content is as before */
	WORLD_ZEROED,	/* replaced by zeroes */
	WORLD_STAMPED,	/* replaced by world_stamp() of the next epoch */
	WORLD_LAZY,	/* as before or, until it is written, zeroes */
};
enum world_hold {
	WORLD_FREE,	/* anybody may claim them next */
	WORLD_HOLD,	/* the caller alone may, by world_reclaim() */
	WORLD_READONLY,	/* likewise, and no write gets through until then */
	WORLD_CLOSED,	/* likewise, and no access at all does */
};
void world_release(struct world *w, uint32_t first, uint32_t nr,
		   enum world_change change, enum world_hold hold);

/* A log of these pages, if there is one, knows nothing of before. */
void world_forget_log(struct world *w, uint32_t first, uint32_t nr);

/* Write into the page at @to what @page holds when stamped in @epoch. */
void world_stamp(const struct world *w, uint32_t page, uint32_t epoch,
		 void *to);

/*
 * Have vCPU @vcpu's thread, which alone can have that vCPU make a call, run @fn
 * between two KVM_RUNs.  True: it has run and is over.  False: the vCPU did not
 * come by.  Takes as long as @fn.
 */
bool world_errand(struct world *w, unsigned int vcpu,
		  void (*fn)(struct world *w, unsigned int vcpu, void *arg),
		  void *arg);

/* A random span of 1 to @max pages in [0, limit). */
struct world_span {
	uint32_t first, nr;
};
struct world_span world_pick(uint32_t limit, uint32_t max, uint64_t *rng);

static inline uint32_t world_epoch(const struct world *w, uint32_t page)
{
	return stress_epoch(w->view.states[page]);
}

/* May the page become zeroes at any time, with nobody told? */
static inline bool world_is_lazy(const struct world *w, uint32_t page)
{
	return w->view.states[page] & STRESS_LAZY;
}

/* Is an error to be planted for @judge? */
bool world_plants(const struct world *w, const char *judge);

static inline char *world_hva(const struct world *w, uint32_t page)
{
	return w->view.mem + (uint64_t)page * 4096;
}

/* Copy a page that may be unmapped at this moment; false: it was. */
bool world_read_page(const struct world *w, uint32_t page, void *to);
/* A number that follows from the page's content; 0 if it was unmapped. */
uint64_t world_sum_page(const struct world *w, uint32_t page);

#endif
