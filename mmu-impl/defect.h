/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deliberate defects, chosen by what MMU_DEFECT is.
 *
 * They exist so that the tests can be shown to fail. Each one here is a
 * condition, or a value, at the place that decides the rule it breaks; with the
 * default of 0 the compiler drops all of them. Those that take more are edits of
 * a copy of the sources (user/defects/), so that no rule is written around them.
 */
#ifndef MMU_DEFECT_H
#define MMU_DEFECT_H

#define MMU_DEFECT 0

enum mmu_defect {
	DEFECT_NONE,
	DEFECT_LOST_W_NO_FLUSH,		/* MMU-writable lost, no flush asked */
	DEFECT_HOST_NOT_DIRTY,		/* writable mapping, host page clean */
	DEFECT_HOST_NOT_YOUNG,		/* zap drops Accessed */
	DEFECT_FROZEN_LEFT,		/* a zap leaves a frozen entry behind */
	DEFECT_SKIP_INVALID_ROOT,	/* unmap does not reach invalid roots */
	DEFECT_ROOT_REF,		/* root starts one reference short */
	DEFECT_HARVEST_SILENT,		/* D harvested, log not told */
	DEFECT_ZAP_LOSES_LOG,		/* zap of a dirty leaf not logged */
	DEFECT_HINT_TOO_EARLY,		/* harvest trusts parent A unflushed */
	DEFECT_AROUND_NO_NOTIFIER,	/* fault-around ignores invalidations */
	DEFECT_NESTED_TRUSTS_AD,	/* A, D believed that nobody keeps */
	DEFECT_NESTED_NOT_REARMED,	/* GET forgets leaves logged by W */
	DEFECT_GET_SKIPS_SHADOW,	/* GET: shadow paging is not armed */
	DEFECT_HINT_SHARED,		/* hints kept for a table of two slots */
	DEFECT_RETIRE_AT_END,		/* tables of a log pile up */
	DEFECT_STEP_NO_FLUSH,		/* CLEAR drops the lock, huge leaf unflushed */
};

#define DEFECT(n) (MMU_DEFECT == (n))

#endif /* MMU_DEFECT_H */
