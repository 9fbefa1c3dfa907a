// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU and SRCU of the simulated host.
 *
 * Question: does the code free only after a grace period?
 * Method: a callback waits for exactly the tasks that were reading when it
 * was queued, and then runs at the first possible moment, which is the worst
 * case for a reader that keeps a pointer too long.
 * Cannot tell: how long a real grace period lets a queue grow.
 */
#include "shim/lock.h"

#define ACQ __ATOMIC_ACQUIRE
#define REL __ATOMIC_RELEASE
#define SEQ __ATOMIC_SEQ_CST

/*
 * RCU.  Read sections are numbered by a clock; a callback queued at time t
 * may run when no task is in a section begun before t.
 */
static unsigned long rcu_clock = 1;
static struct rcu_head *rcu_queue;
static int rcu_queue_lock, rcu_queued;

bool rcu_reading(void)
{
	return task_current->rcu_nest > 0;
}

void rcu_assert_reading(void)
{
	WARN(!rcu_reading(), "RCU-protected pointer read outside a section");
}

void rcu_read_lock(void)
{
	struct task *t = task_current;

	if (!t->rcu_nest++)
		__atomic_store_n(&t->rcu_since,
				 __atomic_load_n(&rcu_clock, SEQ), SEQ);
}

void rcu_read_unlock(void)
{
	struct task *t = task_current;

	WARN(t->rcu_nest <= 0, "rcu_read_unlock without lock");
	if (--t->rcu_nest)
		return;
	__atomic_store_n(&t->rcu_since, 0, SEQ);
	if (__atomic_load_n(&rcu_queued, ACQ))
		rcu_reap();
	yield_point(t);
}

static void queue_lock(void)
{
	while (__atomic_exchange_n(&rcu_queue_lock, 1, ACQ))
		task_relax("RCU queue");
}

static void queue_unlock(void)
{
	__atomic_store_n(&rcu_queue_lock, 0, REL);
}

static unsigned long oldest_reader(void)
{
	unsigned long oldest = ULONG_MAX, since;
	int i;

	/* The main task is not among the others. */
	since = task_current->rcu_since;
	if (since)
		oldest = since;
	for (i = 0; i < task_count; i++) {
		since = __atomic_load_n(&task_all[i]->rcu_since, SEQ);
		if (since && since < oldest)
			oldest = since;
	}
	return oldest;
}

void call_rcu(struct rcu_head *h, void (*func)(struct rcu_head *))
{
	h->func = func;
	queue_lock();
	h->since = __atomic_add_fetch(&rcu_clock, 1, SEQ);
	h->next = rcu_queue;
	rcu_queue = h;
	__atomic_add_fetch(&rcu_queued, 1, SEQ);
	queue_unlock();
	if (task_mode != TASK_THREADS)
		rcu_reap();
}

int rcu_reap(void)
{
	struct rcu_head **at, *h, *ready = NULL;
	unsigned long oldest;
	int left = 0;

	queue_lock();
	oldest = oldest_reader();
	for (at = &rcu_queue; (h = *at);) {
		if (h->since <= oldest) {
			*at = h->next;
			h->next = ready;
			ready = h;
			__atomic_sub_fetch(&rcu_queued, 1, SEQ);
		} else {
			at = &h->next;
			left++;
		}
	}
	queue_unlock();
	while ((h = ready)) {
		ready = h->next;
		h->func(h);
	}
	return left;
}

void rcu_barrier(void)
{
	might_sleep();
	while (rcu_reap())
		task_relax("rcu_barrier");
}

void synchronize_rcu(void)
{
	unsigned long now = __atomic_add_fetch(&rcu_clock, 1, SEQ);

	might_sleep();
	while (oldest_reader() < now)
		task_relax("synchronize_rcu");
}

/* SRCU guards the memslots only: one domain is enough. */
static unsigned long srcu_clock = 1;

int srcu_read_lock(struct srcu_struct *s)
{
	struct task *t = task_current;

	(void)s;
	if (!t->srcu_nest++)
		__atomic_store_n(&t->srcu_since,
				 __atomic_load_n(&srcu_clock, SEQ), SEQ);
	yield_point(t);
	return t->srcu_nest;
}

void srcu_read_unlock(struct srcu_struct *s, int idx)
{
	struct task *t = task_current;

	(void)s;
	WARN(t->srcu_nest != idx, "SRCU sections do not nest");
	if (!--t->srcu_nest)
		__atomic_store_n(&t->srcu_since, 0, SEQ);
}

bool srcu_read_lock_held(const struct srcu_struct *s)
{
	(void)s;
	return task_current->srcu_nest > 0;
}

static bool srcu_readers_before(unsigned long now)
{
	unsigned long since;
	int i;

	for (i = 0; i < task_count; i++) {
		since = __atomic_load_n(&task_all[i]->srcu_since, SEQ);
		if (since && since < now)
			return true;
	}
	return false;
}

void synchronize_srcu(struct srcu_struct *s)
{
	unsigned long now = __atomic_add_fetch(&srcu_clock, 1, SEQ);

	(void)s;
	might_sleep();
	WARN(task_current->srcu_nest, "synchronize_srcu in a read section");
	while (srcu_readers_before(now))
		task_relax("synchronize_srcu");
}
