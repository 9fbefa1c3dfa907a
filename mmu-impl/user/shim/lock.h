/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks, RCU and SRCU of the simulated host, with the assertions of lockdep
 * implemented: each task's held locks are known, lock order is by rank,
 * sleeping under a spinning lock or in an RCU read section is a complaint.
 */
#ifndef MMU_USER_LOCK_H
#define MMU_USER_LOCK_H

#include "shim/task.h"

/* Outer locks have lower ranks. */
enum lock_rank {
	RANK_SLOTS = 1, RANK_MMAP, RANK_MMU, RANK_PAGES, RANK_PTL, RANK_LEAF,
};

typedef struct {
	int v; /* -1 a writer, n > 0 readers */
	int waiters;
	int rank;
	u64 writes, reads; /* takes, for the tests */
} rwlock_t;

typedef struct {
	int v;
	int rank;
} spinlock_t;

typedef spinlock_t raw_spinlock_t;

struct mutex {
	int v;
	int rank;
};

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
	unsigned long since;
	unsigned int readers;
};

struct srcu_struct {
	unsigned long epoch;
};

void rwlock_init_rank(rwlock_t *l, int rank);
void read_lock(rwlock_t *l);
void read_unlock(rwlock_t *l);
void write_lock(rwlock_t *l);
void write_unlock(rwlock_t *l);
bool rwlock_needbreak(rwlock_t *l);
#define rwlock_is_contended(l) rwlock_needbreak(l)
int cond_resched_rwlock_read(rwlock_t *l);
int cond_resched_rwlock_write(rwlock_t *l);
bool need_resched(void);
void cond_resched(void);
void cpu_relax(void);
#ifdef MMU_COUNT
#define rwlock_needbreak(l) ((void)(l), false)
#define need_resched() false
#define cond_resched() ((void)0)
#endif
void might_sleep_at(const char *what);
#define might_sleep() might_sleep_at(__func__)

#define spin_lock_init(l) \
	do { (l)->v = 0; (l)->rank = RANK_PAGES; } while (0)
#define DEFINE_SPINLOCK(l) spinlock_t l = { 0, RANK_PAGES }
void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
#define raw_spin_lock spin_lock
#define raw_spin_unlock spin_unlock
#define spin_lock_irqsave(l, f) do { (void)(f); spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, f) do { (void)(f); spin_unlock(l); } while (0)
void mutex_init_rank(struct mutex *m, int rank);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

/* 0 not held, 1 for read, 2 for write */
int lock_held_by_me(const void *lock);
#ifdef MMU_COUNT
#define lockdep_assert_held(l) ((void)(l))
#define lockdep_assert_held_read(l) ((void)(l))
#define lockdep_assert_held_write(l) ((void)(l))
#define lockdep_assert_not_held(l) ((void)(l))
#else
#define lockdep_assert_held(l) \
	((void)WARN(!lock_held_by_me(l), "%s: %s not held", __func__, #l))
#define lockdep_assert_held_read(l) \
	((void)WARN(lock_held_by_me(l) != 1, "%s: %s not held for read", \
		    __func__, #l))
#define lockdep_assert_held_write(l) \
	((void)WARN(lock_held_by_me(l) != 2, "%s: %s not held for write", \
		    __func__, #l))
#define lockdep_assert_not_held(l) \
	((void)WARN(lock_held_by_me(l), "%s: %s held", __func__, #l))
#endif
#define lockdep_is_held(l) (lock_held_by_me(l) != 0)
#define lockdep_assert_once(c) ((void)WARN_ON(!(c)))
#define lockdep_assert(c) ((void)WARN_ON(!(c)))

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_reading(void);
void rcu_assert_reading(void);
void call_rcu(struct rcu_head *h, void (*func)(struct rcu_head *));
void rcu_barrier(void);
void synchronize_rcu(void);
/* Runs callbacks whose grace period is over; returns how many wait on. */
int rcu_reap(void);
#define rcu_read_lock_held() rcu_reading()
#define rcu_dereference(p) ({ rcu_assert_reading(); (p); })
#define rcu_dereference_raw(p) (p)
#define rcu_dereference_protected(p, c) ({ (void)WARN_ON(!(c)); (p); })
#define rcu_dereference_check(p, c) \
	({ if (!(c)) rcu_assert_reading(); (p); })
#define rcu_access_pointer(p) (p)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)
#define RCU_LOCKDEP_WARN(c, s) ((void)WARN(c, "%s", s))

int srcu_read_lock(struct srcu_struct *s);
void srcu_read_unlock(struct srcu_struct *s, int idx);
bool srcu_read_lock_held(const struct srcu_struct *s);
void synchronize_srcu(struct srcu_struct *s);

/* Complains when the task still holds a lock or a read section. */
void locks_assert_none(const char *where);

#endif
