// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which features of the engine are on?
 *
 * Plain variables exported as parameters of the kvm module, so that one build
 * can be measured with and without each feature. The dirty-bit mode decides
 * what an SPTE means and is therefore fixed once the module is loaded; the
 * others may change while VMs run and take effect at the next operation.
 *
 * A parameter tells what was asked for, not what a VM does: a VM with a dirty
 * ring, or a CPU without Dirty bits, write-protects whatever is set here.
 */
#include "internal.h"
#include "base/options.h"

bool mmub_dirty_bits = true;
module_param_named(mmu_dirty_bits, mmub_dirty_bits, bool, 0444);
MODULE_PARM_DESC(mmu_dirty_bits,
		 "Log guest writes by Dirty bits instead of write faults");

/* 16 is chosen: one cache line of host entries twice; 8 to 64 would do. */
unsigned int mmub_fault_around = 16;
module_param_named(mmu_fault_around, mmub_fault_around, uint, 0644);
MODULE_PARM_DESC(mmu_fault_around,
		 "Pages mapped around a fault if the host has them (0 = off)");

bool mmub_recover_in_place = true;
module_param_named(mmu_recover_in_place, mmub_recover_in_place, bool, 0644);
MODULE_PARM_DESC(mmu_recover_in_place,
		 "Rebuild huge pages without faults when logging ends");

bool mmub_restore_write = true;
module_param_named(mmu_restore_write, mmub_restore_write, bool, 0644);
MODULE_PARM_DESC(mmu_restore_write,
		 "Return write access to 4K pages when logging ends");

/* 128 is chosen: 256 MiB per flush, a millisecond of work; 16 to 512 would do. */
unsigned int mmub_recover_batch = 128;
module_param_named(mmu_recover_batch, mmub_recover_batch, uint, 0644);
MODULE_PARM_DESC(mmu_recover_batch,
		 "Page tables per TLB flush when logging ends");

/* 64 is chosen: 256 KiB of tables per lock drop; 16 to 128 would do. */
unsigned int mmub_split_batch = 64;
module_param_named(mmu_split_batch, mmub_split_batch, uint, 0644);
MODULE_PARM_DESC(mmu_split_batch,
		 "Page tables allocated at once while splitting huge pages");
