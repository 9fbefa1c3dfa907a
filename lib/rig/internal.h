/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it, others include rig.h. */
#ifndef MMUBENCH_RIG_INTERNAL_H
#define MMUBENCH_RIG_INTERNAL_H

#include "rig/rig.h"

/* What a vCPU's region must hold. */
struct rig_oracle {
	uint64_t *words;	/* its word in each unit, 0 = never touched */
};

/* check.c: refuse what cannot work before KVM sees it. 0, or -errno with @why. */
int rig_check_host(const struct rig_config *cfg, struct reason *why);
uint64_t rig_total_bytes(const struct rig_config *cfg);

/* mem.c: the memory under test. */
int rig_map_memory(struct rig *rig, struct reason *why);
void rig_unmap_memory(struct rig *rig);
int rig_alloc_oracles(struct rig *rig, struct reason *why);
void rig_free_oracles(struct rig *rig);
void rig_plant_returns(struct rig *rig, uint64_t first_unit,
		       uint64_t nr_units);

/* slots.c: make or change one memslot; a span of 0 pages deletes it. */
int rig_set_slot(struct rig *rig, const struct gpages *part, uint32_t flags,
		 struct reason *why);

/* vcpu.c: create the vCPUs, which enter at CPL 3 or 0. */
int rig_add_vcpus(struct rig *rig, struct reason *why);

#endif
