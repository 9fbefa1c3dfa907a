/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only header of the engine that touches kernel headers.
 *
 * A userspace build puts its own file with this include guard in front of it,
 * so nothing else in this folder may include <linux/...> or <asm/...>.
 */
#ifndef MMU_IMPL_INTERNAL_H
#define MMU_IMPL_INTERNAL_H

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pgtable.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include <asm/e820/api.h>
#include <asm/memtype.h>
#include <asm/vmx.h>

#include "mmu.h"
#include "x86.h"

/* The seam towards the stock half: prototypes and shared structures. */
#include "../mmu_internal.h"
#include "../spte.h"
#include "../tdp_mmu.h"
#include "../mmutrace.h"

#endif /* MMU_IMPL_INTERNAL_H */
