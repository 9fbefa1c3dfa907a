// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: which MMU engine is in this kvm.ko?
 *
 * Method: a read-only module parameter (/sys/module/kvm/parameters/mmu_engine)
 * for a running host, and a modinfo field for a module file.  A stock kvm.ko
 * has neither.
 *
 * What it cannot tell: which hooks the build has; modinfo's mmu_engine_hooks
 * lists those.
 */
#include <linux/module.h>

#include "build_id.h"

static char *mmu_engine = MMU_ENGINE_NAME;
module_param(mmu_engine, charp, 0444);
MODULE_PARM_DESC(mmu_engine, "MMU engine of this build (read only)");

MODULE_INFO(mmu_engine, MMU_ENGINE_NAME);
MODULE_INFO(mmu_engine_version, MMU_ENGINE_VERSION);
MODULE_INFO(mmu_engine_hooks, MMU_ENGINE_HOOKS);
