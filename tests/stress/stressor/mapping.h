/* SPDX-License-Identifier: GPL-2.0-only */
/* What agents share that change the host's mapping of memory. */
#ifndef MMUBENCH_STRESS_MAPPING_H
#define MMUBENCH_STRESS_MAPPING_H

#include "stressor.h"

/* A skip unless the memory is anonymous, with or without THP. */
int mapping_is_private(const struct world *w, struct reason *why);

/* A skip unless it is shared memory in small pages. */
int mapping_is_shared(const struct world *w, struct reason *why);

/* The advice that the backing's pages get, for memory mapped anew. */
void mapping_advise(const struct world *w, void *at, size_t bytes);

#endif
