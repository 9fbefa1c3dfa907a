/* SPDX-License-Identifier: GPL-2.0-only */
/* Shadows the kernel header of this name. */
#include "shim/hostkvm.h"
