// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's part of a change to its own page tables.
 *
 * Entry i of the tables gets what entry (i + shift) modulo nr held at first,
 * so every page moves to another frame and all frames stay mapped once.
 * After the flush the guest reads each page, which must hold what the other
 * frame holds, and writes the word that belongs there: the host finds every
 * frame written as if nothing had moved (rig_verify()).
 *
 * With GUEST_REMAP_EACH an entry is changed, invalidated and its page used
 * before the next; else all are changed, CR3 is reloaded once, and then all
 * pages are used.  A job starts with a CR3 reload, so that a KVM that shadows
 * the tables begins each with all of them in step.  It cannot tell a flush
 * that KVM did too often from one that was needed.
 */
#include "base/timing.h"
#include "guest/guestremap.h"
#include "guest/job.h"

static void invalidate(uint64_t gva)
{
	asm volatile("invlpg (%0)" : : "r"(gva) : "memory");
}

static void reload_cr3(void)
{
	uint64_t cr3;

	asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(cr3) : : "memory");
}

static uint32_t shifted(const struct guest_job *job, uint32_t entry)
{
	uint32_t to = entry + job->pt_shift;

	return to < job->pt_nr ? to : to - job->pt_nr;
}

static void store_entry(const struct guest_job *job, uint32_t entry,
			struct hist *hist)
{
	volatile uint64_t *table = (volatile uint64_t *)job->pt_gva;
	const uint64_t *values = (const uint64_t *)job->pt_values_gva;
	uint64_t value = values[shifted(job, entry)], start = timing_tsc();

	table[entry] = value;
	hist_add(&hist[REMAP_STORE], timing_tsc() - start);
}

/* Use the pages that @entry maps; the number of them that hold a wrong word. */
static uint64_t use_pages(struct guest_job *job, uint32_t entry,
			  struct hist *hist)
{
	uint64_t gva = job->mem_gva + (uint64_t)entry * job->pt_span * 4096;
	uint32_t page = shifted(job, entry) * job->pt_span, i;
	uint64_t wrong = 0, start, found;

	for (i = 0; i < job->pt_span; i++, page++, gva += 4096) {
		volatile uint64_t *word =
			(volatile uint64_t *)(gva + GUEST_UNIT_WORD(job->vcpu));

		start = timing_tsc();
		found = *word;
		hist_add(&hist[REMAP_ACCESS], timing_tsc() - start);
		wrong += found != (job->pt_tag ^ page);
		*word = job->tag ^ page;
	}
	job->done += job->pt_span;
	return wrong;
}

static uint64_t one_by_one(struct guest_job *job, struct hist *hist)
{
	uint64_t wrong = 0, start;
	uint32_t i;

	for (i = 0; i < job->pt_nr; i++) {
		store_entry(job, i, hist);
		start = timing_tsc();
		invalidate(job->mem_gva + (uint64_t)i * job->pt_span * 4096);
		hist_add(&hist[REMAP_FLUSH], timing_tsc() - start);
		wrong += use_pages(job, i, hist);
	}
	return wrong;
}

static uint64_t all_at_once(struct guest_job *job, struct hist *hist)
{
	uint64_t wrong = 0, start;
	uint32_t i;

	for (i = 0; i < job->pt_nr; i++)
		store_entry(job, i, hist);
	start = timing_tsc();
	reload_cr3();
	hist_add(&hist[REMAP_FLUSH], timing_tsc() - start);
	for (i = 0; i < job->pt_nr; i++)
		wrong += use_pages(job, i, hist);
	return wrong;
}

uint64_t guestremap_run(struct guest_job *job, struct hist *hist)
{
	reload_cr3();
	if (job->flags & GUEST_REMAP_EACH)
		return one_by_one(job, hist);
	return all_at_once(job, hist);
}
