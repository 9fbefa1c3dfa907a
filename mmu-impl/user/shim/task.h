/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks: the threads of the simulated host.  Three ways to run them:
 *
 *  TASK_RANDOM   fibers of one thread, switched at random yield points; the
 *                schedule is a function of the seed
 *  TASK_SCRIPT   fibers, switched after a given number of yield points: the
 *                bounded interleavings
 *  TASK_THREADS  real threads, for the race detector
 */
#ifndef MMU_USER_TASK_H
#define MMU_USER_TASK_H

#include "shim/kernel.h"

#define TASK_MAX 8
#define TASK_HELD_MAX 8
#define TASK_SCRIPT_MAX 8
#define TASK_FUSE_OFF LONG_MAX

enum task_mode { TASK_RANDOM, TASK_SCRIPT, TASK_THREADS };

struct held_lock {
	const void *lock;
	bool shared;
	int rank;
};

struct task {
	int id;
	const char *name;
	void (*fn)(void *arg);
	void *arg;
	bool done;
	u64 rng;
	u64 chance;
	/* what lockdep, RCU and SRCU know about the task */
	struct held_lock held[TASK_HELD_MAX];
	int nr_held;
	int rcu_nest;
	unsigned long rcu_since;
	int srcu_nest;
	unsigned long srcu_since;
	struct kvm_vcpu *vcpu;
	/* scheduler */
	void *sp;
	char *stack;
	void *asan_stack;
	const char *waits_for;
};

extern __thread struct task *task_current;
extern struct task *task_all[TASK_MAX];
extern int task_count;
extern enum task_mode task_mode;

/* One set of tasks at a time; the caller is itself a task, id 0. */
void tasks_begin(enum task_mode mode, u64 seed);
struct task *task_add(const char *name, void (*fn)(void *), void *arg);
void tasks_script(const long *fuses, int nr);
/* Runs all added tasks to their end. */
void tasks_run(void);
/* Script entries begun; fewer than given: a task ended before its switch. */
int tasks_script_used(void);
/* The last fuse lit was never spent: longer ones change nothing. */
bool task_script_ended(void);

/* Events that a test may wait at, in the task that causes them. */
enum task_event {
	EVENT_FLUSH, /* something has changed, TLBs are not yet flushed */
	EVENT_READ_UNLOCK, /* mmu_lock, held for read, was dropped */
	EVENT_ACCESS, /* an access of the guest has its translation */
};
/* NULL: nobody listens. */
extern void (*task_event)(enum task_event what);

static inline void task_happened(enum task_event what)
{
	if (task_event)
		task_event(what);
}

/* Nobody is asked to give up a lock or the CPU: no walk starts again. */
extern bool task_hurries;

/* Lets others run; @why is shown when nobody ever makes progress. */
void task_relax(const char *why);
/* Is there anybody to let run? */
bool task_others(void);
/* Is any vCPU in the guest, or in a fault of its own? */
bool task_vcpus_run(void);
u64 task_rand(void);
/* For what engines ask for: does not disturb the test's own numbers. */
u64 task_chance(void);

static inline u64 task_rand_below(u64 n)
{
	return (u64)(((__uint128_t)task_rand() * n) >> 64);
}

static inline bool task_one_in(u64 n)
{
	return task_rand_below(n) == 0;
}

#endif
