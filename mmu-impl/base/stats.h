/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of the engine: per CPU, since the module was loaded, over all VMs.
 *
 * Read them from /sys/module/kvm/parameters/mmu_stats, one "name value" per
 * line. lock_* count the first lock an operation takes, yields how often it
 * gives the lock up and takes it again. A sum is exact once the counted work
 * has stopped. While work goes on, a reader may see one CPU slightly earlier
 * than another.
 */
#ifndef MMU_STATS_H
#define MMU_STATS_H

#include "internal.h"

/* X(name): what it counts. */
#define MMU_COUNTERS(X)							\
	X(map)			/* leaves installed by a fault */	\
	X(map_around)		/* neighbours installed with it */	\
	X(map_spurious)		/* faults that found the leaf there */	\
	X(retry)		/* compare-and-exchange lost a race */	\
	X(frozen)		/* turned away by FROZEN */		\
	X(table_linked)							\
	X(table_retired)						\
	X(zapped)		/* leaves dropped, not split or merged */ \
	X(age_calls)		/* ranges aged or tested */		\
	X(aged)			/* young leaves made old */		\
	X(age_skipped)		/* leaves that changed too fast */	\
	X(flush_map)		/* flushes: a table became a leaf */	\
	X(flush_yield)		/* flushes: lock dropped mid-way */	\
	X(flush_recover)	/* flushes: huge pages recovered */	\
	X(flush_harvest)	/* flushes: Dirty bits harvested */	\
	X(flush_young_elided)	/* flushes clear_flush_young left out */ \
	X(harvest_calls)						\
	X(harvest_tables)	/* tables scanned for Dirty bits */	\
	X(harvest_skipped)	/* tables the hints ruled out */	\
	X(harvested)		/* Dirty bits moved to a log */		\
	X(log_by_zap)		/* log bits saved from a dropped leaf */ \
	X(rearmed)		/* leaves whose W or D was taken */	\
	X(split)		/* huge leaves split */			\
	X(split_drops)		/* lock drops to allocate tables */	\
	X(recovered)		/* tables turned back into a leaf */	\
	X(write_restored)	/* 4K leaves writable again */		\
	X(yields)		/* mmu_lock given up during a walk */	\
	X(lock_fault)		/* mmu_lock, read: map for a fault */	\
	X(lock_unmap)		/* mmu_lock, write: MMU notifier */	\
	X(lock_zap_range)	/* mmu_lock, write: range of gfns */	\
	X(lock_protect)		/* mmu_lock, write: shadowed gfn */	\
	X(lock_arm)		/* mmu_lock, read: a log starts */	\
	X(lock_recover)		/* mmu_lock, read: a log ends */	\
	X(lock_harvest)		/* mmu_lock, read, held for nothing */	\
	X(lock_root)		/* mmu_lock, read: load a root */	\
	X(lock_split)		/* mmu_lock: CLEAR splits, or allocated */ \
	X(lock_zap)		/* mmu_lock, read: zap invalid roots */	\
	X(lock_write_age)	/* mmu_lock, write: age rmaps */	\
	X(lock_write_log)	/* mmu_lock, write: log of rmaps */

struct mmub_stats {
#define MMU_COUNTER_FIELD(name) unsigned long name;
	MMU_COUNTERS(MMU_COUNTER_FIELD)
#undef MMU_COUNTER_FIELD
};

DECLARE_PER_CPU(struct mmub_stats, mmub_stats);

#define mmub_count(name) this_cpu_add(mmub_stats.name, 1)

/* The sum over all CPUs. */
void mmub_stats_read(struct mmub_stats *sum);

#endif /* MMU_STATS_H */
