/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches of the engine: each is a module parameter, mmu_ in place of mmub_. */
#ifndef MMU_OPTIONS_H
#define MMU_OPTIONS_H

#include "internal.h"

/* Log writes by harvesting Dirty bits where the hardware allows it. */
extern bool mmub_dirty_bits;

/* Size in pages of the aligned window mapped around a 4K fault; 0 or 1: off. */
extern unsigned int mmub_fault_around;
#define MMU_AROUND_MAX_PAGES 64

/* When logging ends: turn tables back into huge pages where they are. */
extern bool mmub_recover_in_place;

/* When logging ends: give write access back to write-protected pages. */
extern bool mmub_restore_write;

/* Tables replaced by huge leaves per TLB flush. */
extern unsigned int mmub_recover_batch;

/* Tables per allocation while huge pages are split. */
extern unsigned int mmub_split_batch;
#define MMU_SPLIT_BATCH_MAX 128

#endif /* MMU_OPTIONS_H */
