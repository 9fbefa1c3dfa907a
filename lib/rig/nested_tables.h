/* SPDX-License-Identifier: GPL-2.0-only */
/* The nested page tables of a guest that is a hypervisor. Private to this folder. */
#ifndef MMUBENCH_RIG_NESTED_TABLES_H
#define MMUBENCH_RIG_NESTED_TABLES_H

#include "nested.h"

/* Map all that guests have to itself; 0, or -errno with @why. */
int nested_tables(struct rig *rig, const struct nested_kind *kind,
		  uint64_t *root_gpa, struct reason *why);

#endif
