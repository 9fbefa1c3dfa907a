// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested page tables that map each guest physical address to itself.
 *
 * All of the first 4G and the harness' own memory are mapped in pages of 2M,
 * the memory under test in 2M and 4K by turns, so that KVM shadows both sizes
 * over what backs them.  (Intel SDM: EPT; AMD APM: nested paging.  The bits that
 * differ come from struct nested_kind.)
 */
#include <errno.h>

#include "rig/kvmcompat.h"
#include "nested_tables.h"

#define ENTRIES		512u
#define LARGE		(1ull << 7)
#define PT_ADDR		0x000ffffffffff000ull
#define LARGE_BYTES	(2ull << 20)
#define LOW_BYTES	(4ull << 30)
#define MAX_GPA		(1ull << 48)

struct builder {
	struct rig *rig;
	const struct nested_kind *kind;
	uint64_t root_gpa;
};

static uint64_t new_table(struct rig *rig)
{
	return addr_gva2gpa(rig->vm, compat_vm_alloc(rig->vm, 4096, 0x10000));
}

/* The entry of @level (1: of 4K pages) for @gpa; the tables above it exist. */
static uint64_t *entry_of(const struct builder *b, uint64_t gpa, int level)
{
	uint64_t table_gpa = b->root_gpa, *entry;
	int at;

	for (at = 4;; at--) {
		entry = (uint64_t *)addr_gpa2hva(b->rig->vm, table_gpa) +
			(gpa >> (12 + 9 * (at - 1)) & (ENTRIES - 1));
		if (at == level)
			return entry;
		if (!*entry)
			*entry = new_table(b->rig) | b->kind->table_bits;
		table_gpa = *entry & PT_ADDR;
	}
}

static void map_chunk(const struct builder *b, uint64_t gpa, bool large)
{
	uint64_t at;

	if (large) {
		*entry_of(b, gpa, 2) = gpa | b->kind->leaf_bits | LARGE;
		return;
	}
	for (at = gpa; at < gpa + LARGE_BYTES; at += 4096)
		*entry_of(b, at, 1) = at | b->kind->leaf_bits;
}

static void map_range(const struct builder *b, uint64_t gpa, uint64_t end,
		      bool by_turns)
{
	uint64_t at;

	for (at = gpa / LARGE_BYTES * LARGE_BYTES; at < end; at += LARGE_BYTES)
		map_chunk(b, at, !by_turns || at / LARGE_BYTES % 2);
}

int nested_tables(struct rig *rig, const struct nested_kind *kind,
		  uint64_t *root_gpa, struct reason *why)
{
	struct builder b = { .rig = rig, .kind = kind };
	uint64_t end = rig->mem.gpa + rig->mem.nr_pages * 4096;

	if (end > MAX_GPA)
		return reason_skip(why, -EOPNOTSUPP,
				   "nested tables of 4 levels end at 256T; use a lower --gpa");
	b.root_gpa = new_table(rig);
	map_range(&b, 0, LOW_BYTES, false);
	map_range(&b, RIG_AUX_GPA, RIG_AUX_GPA + rig->aux_bytes, false);
	map_range(&b, rig->mem.gpa, end, true);
	*root_gpa = b.root_gpa;
	return 0;
}
