/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doubly linked lists and their RCU readers, for the user-space build.
 * A removed node's back pointer is poisoned; its forward pointer stays, as
 * readers may still stand on it.
 */
#ifndef MMU_USER_LIST_H
#define MMU_USER_LIST_H

#include "shim/kernel.h"

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define LIST_POISON ((struct list_head *)0x122)
#define LIST_HEAD_INIT(n) { &(n), &(n) }
#define LIST_HEAD(n) struct list_head n = LIST_HEAD_INIT(n)

static inline void INIT_LIST_HEAD(struct list_head *h)
{
	h->next = h;
	h->prev = h;
}

#define INIT_LIST_HEAD_RCU INIT_LIST_HEAD

static inline bool list_empty(const struct list_head *h)
{
	return __atomic_load_n(&h->next, __ATOMIC_ACQUIRE) == h;
}

static inline void list_add_between(struct list_head *n, struct list_head *prev,
				    struct list_head *next)
{
	n->next = next;
	n->prev = prev;
	next->prev = n;
	__atomic_store_n(&prev->next, n, __ATOMIC_RELEASE);
}

static inline void list_add(struct list_head *n, struct list_head *h)
{
	list_add_between(n, h, h->next);
}

static inline void list_add_tail(struct list_head *n, struct list_head *h)
{
	list_add_between(n, h->prev, h);
}

static inline void list_del_keep(struct list_head *n)
{
	BUG_ON(n->prev == LIST_POISON || n->prev->next != n);
	n->next->prev = n->prev;
	__atomic_store_n(&n->prev->next, n->next, __ATOMIC_RELEASE);
	n->prev = LIST_POISON;
}

static inline void list_del(struct list_head *n)
{
	list_del_keep(n);
	n->next = LIST_POISON;
}

static inline void list_del_init(struct list_head *n)
{
	list_del_keep(n);
	INIT_LIST_HEAD(n);
}

static inline void list_splice_init(struct list_head *l, struct list_head *h)
{
	if (list_empty(l))
		return;
	l->next->prev = h;
	l->prev->next = h->next;
	h->next->prev = l->prev;
	h->next = l->next;
	INIT_LIST_HEAD(l);
}

#define list_add_rcu list_add
#define list_add_tail_rcu list_add_tail
#define list_del_rcu list_del_keep
#define list_entry(p, t, m) container_of(p, t, m)
#define list_first_entry(h, t, m) list_entry((h)->next, t, m)
#define list_next_entry(p, m) list_entry((p)->m.next, typeof(*(p)), m)
#define list_first_entry_or_null(h, t, m) \
	(list_empty(h) ? NULL : list_first_entry(h, t, m))
#define list_for_each_entry(p, h, m) \
	for (p = list_first_entry(h, typeof(*p), m); &p->m != (h); \
	     p = list_next_entry(p, m))
#define list_for_each_entry_safe(p, n, h, m) \
	for (p = list_first_entry(h, typeof(*p), m), n = list_next_entry(p, m); \
	     &p->m != (h); p = n, n = list_next_entry(n, m))
#define list_next_rcu_ptr(p) READ_ONCE((p)->next)
#define list_entry_rcu(p, t, m) container_of(READ_ONCE(p), t, m)
#define list_next_or_null_rcu(h, p, t, m) \
	({ struct list_head *__n = list_next_rcu_ptr(p); \
	   rcu_assert_reading(); \
	   __n == (h) ? NULL : container_of(__n, t, m); })
#define list_first_or_null_rcu(h, t, m) list_next_or_null_rcu(h, h, t, m)
/* An optional last argument names a lock that also makes the walk safe. */
#define list_for_each_entry_rcu(p, h, m, ...) \
	for (list_walk_assert(0 __VA_OPT__(| !!(__VA_ARGS__))), \
	     p = container_of(list_next_rcu_ptr(h), typeof(*p), m); \
	     &p->m != (h); \
	     p = container_of(list_next_rcu_ptr(&p->m), typeof(*p), m))

void rcu_assert_reading(void);
bool rcu_reading(void);

static inline void list_walk_assert(int locked)
{
	if (!locked)
		rcu_assert_reading();
}

#endif
