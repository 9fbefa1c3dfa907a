// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks of the simulated host.
 *
 * Question: does the code hold what its contracts say, in an order that
 * cannot deadlock?
 * Method: one word per lock, taken by compare-and-exchange, waiting by
 * task_relax(); a table of held locks per task.
 * Cannot tell: fairness, and deadlocks that need interrupts.
 */
#include "shim/lock.h"

#define ACQ __ATOMIC_ACQUIRE
#define REL __ATOMIC_RELEASE
#define SEQ __ATOMIC_SEQ_CST

static bool word_try(int *word, int from, int to)
{
	return __atomic_compare_exchange_n(word, &from, to, false, SEQ, ACQ);
}

/* The held table */
unwatched int lock_held_by_me(const void *lock)
{
	struct task *t = task_current;
	int i;

	for (i = 0; i < t->nr_held; i++)
		if (t->held[i].lock == lock)
			return t->held[i].shared ? 1 : 2;
	return 0;
}

static unwatched void held_check_order(const void *lock, int rank)
{
	struct task *t = task_current;
	int i;

	for (i = 0; i < t->nr_held; i++)
		if (t->held[i].lock == lock || t->held[i].rank >= rank)
			complain(__FILE__, __LINE__,
				 "lock order: rank %d taken under rank %d%s",
				 rank, t->held[i].rank,
				 t->held[i].lock == lock ? " (same lock)" : "");
}

static unwatched void held_push(const void *lock, bool shared, int rank)
{
	struct task *t = task_current;

	if (t->nr_held == TASK_HELD_MAX)
		abort();
	t->held[t->nr_held++] = (struct held_lock){ lock, shared, rank };
}

static unwatched void held_pop(const void *lock, bool shared)
{
	struct task *t = task_current;
	int i;

	for (i = t->nr_held - 1; i >= 0; i--)
		if (t->held[i].lock == lock)
			break;
	WARN(i < 0 || t->held[i].shared != shared,
	     "unlock of a lock not held that way");
	t->held[i] = t->held[--t->nr_held];
}

void might_sleep_at(const char *what)
{
	struct task *t = task_current;
	int i;

	WARN(t->rcu_nest, "%s: may sleep in an RCU read section", what);
	for (i = 0; i < t->nr_held; i++)
		WARN(t->held[i].rank >= RANK_MMU,
		     "%s: may sleep under a spinning lock", what);
}

void locks_assert_none(const char *where)
{
	struct task *t = task_current;

	WARN(t->nr_held, "%s: %d locks still held", where, t->nr_held);
	WARN(t->rcu_nest, "%s: still in an RCU read section", where);
	WARN(t->srcu_nest, "%s: still in an SRCU read section", where);
}

/* mmu_lock */
void rwlock_init_rank(rwlock_t *l, int rank)
{
	memset(l, 0, sizeof(*l));
	l->rank = rank;
}

static bool read_try(rwlock_t *l)
{
	int v = __atomic_load_n(&l->v, ACQ);

	return v >= 0 && word_try(&l->v, v, v + 1);
}

void read_lock(rwlock_t *l)
{
	yield_point(l);
	held_check_order(l, l->rank);
	while (!read_try(l)) {
		__atomic_add_fetch(&l->waiters, 1, SEQ);
		task_relax("read_lock");
		__atomic_sub_fetch(&l->waiters, 1, SEQ);
	}
	__atomic_add_fetch(&l->reads, 1, __ATOMIC_RELAXED);
	held_push(l, true, l->rank);
}

void read_unlock(rwlock_t *l)
{
	held_pop(l, true);
	__atomic_sub_fetch(&l->v, 1, SEQ);
	yield_point(l);
	task_happened(EVENT_READ_UNLOCK);
}

void write_lock(rwlock_t *l)
{
	yield_point(l);
	held_check_order(l, l->rank);
	while (!word_try(&l->v, 0, -1)) {
		__atomic_add_fetch(&l->waiters, 1, SEQ);
		task_relax("write_lock");
		__atomic_sub_fetch(&l->waiters, 1, SEQ);
	}
	__atomic_add_fetch(&l->writes, 1, __ATOMIC_RELAXED);
	held_push(l, false, l->rank);
}

void write_unlock(rwlock_t *l)
{
	held_pop(l, false);
	__atomic_store_n(&l->v, 0, REL);
	yield_point(l);
}

/* Also true for no reason, now and then: a walk must stand any yield. */
bool (rwlock_needbreak)(rwlock_t *l)
{
	return !task_hurries &&
	       (__atomic_load_n(&l->waiters, ACQ) || !(task_chance() % 64));
}

bool (need_resched)(void)
{
	return !task_hurries && !(task_chance() % 256);
}

void (cond_resched)(void)
{
	might_sleep_at("cond_resched");
	if (task_others() && !(task_chance() % 16))
		task_relax("cond_resched");
}

void cpu_relax(void)
{
	task_relax("cpu_relax");
}

int cond_resched_rwlock_read(rwlock_t *l)
{
	WARN(task_current->rcu_nest, "yields in an RCU read section");
	lockdep_assert_held_read(l);
	read_unlock(l);
	if (task_others())
		task_relax("cond_resched_rwlock_read");
	read_lock(l);
	return 1;
}

int cond_resched_rwlock_write(rwlock_t *l)
{
	WARN(task_current->rcu_nest, "yields in an RCU read section");
	lockdep_assert_held_write(l);
	write_unlock(l);
	if (task_others())
		task_relax("cond_resched_rwlock_write");
	write_lock(l);
	return 1;
}

static void word_lock(int *word, const void *lock, int rank, const char *why)
{
	yield_point(lock);
	held_check_order(lock, rank);
	while (!word_try(word, 0, 1))
		task_relax(why);
	held_push(lock, false, rank);
}

static void word_unlock(int *word, const void *lock)
{
	held_pop(lock, false);
	__atomic_store_n(word, 0, REL);
	yield_point(lock);
}

void spin_lock(spinlock_t *l)
{
	word_lock(&l->v, l, l->rank, "spin_lock");
}

void spin_unlock(spinlock_t *l)
{
	word_unlock(&l->v, l);
}

void mutex_init_rank(struct mutex *m, int rank)
{
	m->v = 0;
	m->rank = rank;
}

void mutex_lock(struct mutex *m)
{
	might_sleep();
	word_lock(&m->v, m, m->rank, "mutex_lock");
}

void mutex_unlock(struct mutex *m)
{
	word_unlock(&m->v, m);
}
