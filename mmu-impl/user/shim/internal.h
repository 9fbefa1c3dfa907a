/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of the engine's internal.h, by the same include guard.
 */
#ifndef MMU_IMPL_INTERNAL_H
#define MMU_IMPL_INTERNAL_H

#include "shim/hostkvm.h"
#include "shim/logcalls.h"
#include "shim/page.h"
#include "shim/percpu.h"
#include "shim/seamdecl.h"

#endif
