/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest in ring 0 that edits page tables of its own and checks what comes of
 * it.
 *
 * Each vCPU has a few address spaces, made of tables that it alone uses and
 * that lie in the memory under test.  In each, a few addresses are watched:
 * those whose table entries are all of TABLES_ENTRIES.  The vCPU changes
 * entries, invalidates translations or does not, switches spaces, changes what
 * CR0 and CR4 say of rights, and accesses watched addresses in ring 0 and 3.
 *
 * The model is the tables themselves, walked in software (ptwalk.h), and when
 * each entry was changed last.  If no entry of the walk was changed since the
 * address was last invalidated, an access must come to exactly what the walk
 * says: this page, or a page fault with this error code, and the accessed and
 * dirty bits that go with it.  If one was, the old translation may still be in
 * use, and all that is asked is that content is not older than allowed.  An
 * entry that was not present needs no invalidation.
 * (Intel SDM, AMD APM: caching of translations.)
 *
 * The host may rewrite entries, too, and a KVM that shadows the tables need not
 * see it: such an entry counts as changed until the guest has written it again.
 */
#ifndef MMUBENCH_GUEST_TABLES_H
#define MMUBENCH_GUEST_TABLES_H

#include <stdint.h>

#include "guest/ptwalk.h"
#include "guest/ring.h"
#include "guest/stress.h"

#define TABLES_SPACES	3u
/* Tables of a vCPU's part of the pool: roots, then some per level, then fixed. */
#define TABLES_PER_LEVEL 3u
#define TABLES_LEAF	(TABLES_SPACES + 3 * TABLES_PER_LEVEL)
#define TABLES_MUTABLE	(TABLES_LEAF + 4u)
/* Fixed: the upper tables, code and stack of ring 3, the upper home table. */
#define TABLES_USER	TABLES_MUTABLE
#define TABLES_CODE	(TABLES_USER + 4)
#define TABLES_STACK	(TABLES_CODE + 1)
#define TABLES_HOME	(TABLES_STACK + 1)
#define TABLES_NR	(TABLES_HOME + 1)

/* Watched addresses: two entries at each upper level, four at the last. */
#define TABLES_UPPER	2u
#define TABLES_LAST	4u
#define TABLES_MAX_GVAS	(16 * TABLES_LAST)
extern const uint16_t tables_entries[TABLES_LAST];
/*
 * The upper entry that maps what ring 3 needs.  None of those above, which are
 * edited in a root, too, where it stands at a lower level.
 */
#define TABLES_USER_ENTRY 10u

#define TABLES_PAGES	64u	/* data pages that a vCPU maps; chosen */
#define TABLES_LOG	64u	/* lines of a vCPU's log; a power of two; chosen */

/* When an entry was changed that is only ever judged after a new change. */
#define TABLES_UNBOUND	UINT32_MAX

enum tables_features {
	TABLES_HAS_SMEP		= 1 << 0,
	TABLES_HAS_SMAP		= 1 << 1,
	TABLES_HAS_PCID		= 1 << 2,
	TABLES_HAS_INVPCID	= 1 << 3,
	TABLES_HAS_PGE		= 1 << 4,
};

/* What is wrong; the order is that of tables_kind_names[]. */
enum tables_kind {
	TABLES_OK,
	TABLES_FAULTED,		/* a fault, though the tables grant it */
	TABLES_PASSED,		/* no fault, though they do not */
	TABLES_CODE_WRONG,	/* a fault, but of another kind */
	TABLES_CONTENT,		/* ->stress says how the content is wrong */
	TABLES_BITS,		/* accessed and dirty bits, or more, of an entry */
	TABLES_WRONG_TABLE,	/* a table was read or written: another content */
	NR_TABLES_KINDS
};
extern const char *const tables_kind_names[];

/* What a vCPU does; the order is that of tables_op_names[]. */
enum tables_op {
	TABLES_ACCESS, TABLES_EDIT, TABLES_FLUSH, TABLES_SWITCH, TABLES_MODE,
	NR_TABLES_OPS
};
extern const char *const tables_op_names[];

/* A line of the log. */
struct tables_event {
	uint64_t gva;
	uint64_t value;		/* found, or the entry's new value */
	uint32_t seq;
	uint16_t table, entry;	/* of an edit */
	uint32_t detail;	/* ring_op, how it was flushed, modes */
	uint16_t vector, error;
	uint8_t op, space;
};

/* A violation. */
struct tables_bad {
	struct tables_event e;
	struct ptwalk walk;
	uint64_t after[PT_LEVELS];	/* the steps' entries after the access */
	uint64_t cr2, rip;
	uint32_t want;			/* error code or PTWALK_GRANTED */
	uint32_t cpu;			/* enum ptwalk_access */
	uint32_t kind, stress;
};

struct tables_space {
	uint32_t flushed;		/* when all of it was invalidated */
	uint32_t flushed_gva[TABLES_MAX_GVAS];
};

/* A vCPU's part and what it reports; in memory shared with the host. */
struct tables_guest {
	/* host to guest */
	struct stress_guest *stress;
	const struct tables_guest *other;	/* another vCPU's, or NULL */
	struct ptwalk_mem mem;
	uint64_t home_cr3;		/* tables of the rig */
	uint32_t may;			/* enum tables_features to use */
	/*
	 * No locked operation where rights are judged: QEMU with one thread for
	 * all CPUs runs it as a load and a store, and not with a write's rights.
	 */
	uint32_t no_locked;
	uint32_t pages[TABLES_PAGES];	/* data pages to map */
	uint32_t large[4];		/* first pages of 2M regions to map */
	uint32_t nr_large;
	/* Either side at the tables, see tables_access.c. */
	volatile uint32_t host_busy, busy;
	/* guest to host */
	volatile uint32_t nr_bad;
	struct tables_bad bad;
	uint64_t ops[NR_TABLES_OPS];
	uint64_t bound, unbound;	/* accesses that could be judged or not */
	uint64_t faults;		/* those that had to fault and did */
	uint64_t log_at;
	struct tables_event log[TABLES_LOG];
	/* the guest's own */
	uint32_t is_set, has;
	uint32_t space, nr_gvas;
	volatile uint32_t seq;		/* of changes; others read it */
	volatile uint32_t hot;		/* the host may write it, too */
	uint32_t cpu;			/* PTWALK_WP, _SMEP, _SMAP as they are now */
	uint64_t cr0, cr4;
	uint64_t home_cr0, home_cr4;
	struct tables_space spaces[TABLES_SPACES];
	/* When each entry was changed last; the host writes TABLES_UNBOUND. */
	volatile uint32_t changed[TABLES_NR][512];
	struct ring ring;
} __attribute__((aligned(64)));

/* Address @i of those that are watched. */
uint64_t tables_gva(const struct tables_guest *t, uint32_t i);
/* Is nothing of the walk @w of address @i held from before a change? */
int tables_is_bound(const struct tables_guest *t, const struct ptwalk *w,
		    uint32_t i);

/* Operations until *@stop or a violation. */
void tables_run(struct tables_guest *t, const volatile uint32_t *stop);

#endif
