/* SPDX-License-Identifier: GPL-2.0-only */
/* The aging backends, one per file; private to this folder. */
#ifndef MMUBENCH_AGING_BACKENDS_H
#define MMUBENCH_AGING_BACKENDS_H

#include "aging/aging.h"

extern const struct aging_ops aging_mglru;
extern const struct aging_ops aging_page_idle;
extern const struct aging_ops aging_damon;
extern const struct aging_ops aging_null;

#endif
