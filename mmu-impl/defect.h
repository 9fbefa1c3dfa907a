/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deliberate defects, chosen at build time with -DMMU_DEFECT=<n>.
 *
 * They exist so that the tests can be shown to fail. Each one is a condition
 * at the place that decides the rule it breaks; with the default of 0 the
 * compiler drops all of them.
 */
#ifndef MMU_DEFECT_H
#define MMU_DEFECT_H

#ifndef MMU_DEFECT
#define MMU_DEFECT 0
#endif

enum mmu_defect {
	DEFECT_NONE,
	DEFECT_LOST_W_NO_FLUSH,		/* MMU-writable lost, no flush asked */
	DEFECT_LOST_D_NO_FLUSH,		/* Dirty lost, no flush asked */
	DEFECT_HOST_NOT_DIRTY,		/* writable mapping, host page clean */
	DEFECT_HOST_NOT_YOUNG,		/* zap drops Accessed */
	DEFECT_PLAIN_WRITE,		/* volatile SPTE written plainly */
	DEFECT_TABLE_LEAK,		/* retired table never freed */
	DEFECT_SPLIT_STATS,		/* split forgets the new children */
	DEFECT_AGE_KEEPS_W,		/* access tracking keeps W */
	DEFECT_TRACK_LOSES_X,		/* access tracking forgets X */
	DEFECT_FROZEN_LEFT,		/* a zap leaves a frozen entry behind */
	DEFECT_FREE_WITHOUT_RCU,	/* table freed without a grace period */
	DEFECT_YIELD_NO_FLUSH,		/* lock dropped with a flush pending */
	DEFECT_SKIP_INVALID_ROOT,	/* unmap does not reach invalid roots */
	DEFECT_SPLIT_LOSES_DIRTY,	/* split children forget D */
	DEFECT_PREFETCH_YOUNG,		/* prefetched entry starts young */
	DEFECT_KEEP_MMU_WRITABLE,	/* write protection keeps MMU-writable */
	DEFECT_ROOT_REF,		/* root starts one reference short */
	DEFECT_FREE_BEFORE_FLUSH,	/* replaced table freed, no flush */
	DEFECT_AGE_NOT_ATOMIC,		/* lockless aging by plain write */
	DEFECT_HARVEST_SILENT,		/* D harvested, log not told */
	DEFECT_ZAP_LOSES_LOG,		/* zap of a dirty leaf not logged */
	DEFECT_MARK_BEFORE_INSTALL,	/* log marked before W is visible */
	DEFECT_HINT_TOO_EARLY,		/* harvest trusts parent A unflushed */
	DEFECT_AROUND_NO_NOTIFIER,	/* fault-around ignores invalidations */
	DEFECT_RECOVER_UNASKED,		/* recovery does not ask the host's size */
	DEFECT_HARVEST_NO_WAIT,		/* harvest overtakes a zap's report */
	DEFECT_NESTED_TRUSTS_AD,	/* A, D believed that nobody keeps */
	DEFECT_NESTED_NOT_REARMED,	/* GET forgets leaves logged by W */
	DEFECT_HUGE_KEEPS_W,		/* D of a huge leaf is taken before W */
	DEFECT_ROOTS_WITHOUT_TDP,	/* roots walked where there are none */
	DEFECT_GET_FLUSHES_EARLY,	/* GET: flush first, then take the bits */
	DEFECT_REARM_MISSES_SPLIT,	/* CLEAR: a leaf split meanwhile */
	DEFECT_LOG_BY_COUNT,		/* logs believed off until all is set up */
	DEFECT_GET_SKIPS_SHADOW,	/* GET: shadow paging is not armed */
	DEFECT_HINT_SHARED,		/* hints kept for a table of two slots */
	DEFECT_RECOVER_OLD,		/* rebuilt huge page forgets A */
	DEFECT_RECOVER_ONCE,		/* no second try if the CPU sets A */
	DEFECT_RETIRE_AT_END,		/* tables of a log pile up */
	DEFECT_SPLIT_UNCLEARED,		/* CLEAR splits what it does not clear */
	DEFECT_UNMAP_WITHOUT_SRCU,	/* log looked up in memslots nobody holds */
	DEFECT_STEP_NO_FLUSH,		/* CLEAR drops the lock, huge leaf unflushed */
	DEFECT_MAX,
};

#define DEFECT(n) (MMU_DEFECT == (n))

#endif /* MMU_DEFECT_H */
