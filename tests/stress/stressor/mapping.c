// SPDX-License-Identifier: GPL-2.0-only
/* What agents share that change the host's mapping of private memory. */
#include <errno.h>
#include <sys/mman.h>

#include "mapping.h"

int mapping_is_private(const struct world *w, struct reason *why)
{
	if (w->b->p.backing == BACKING_ANON || w->b->p.backing == BACKING_THP)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "it needs an anonymous --backing");
}

void mapping_advise(const struct world *w, void *at, size_t bytes)
{
	madvise(at, bytes, w->b->p.backing == BACKING_THP ? MADV_HUGEPAGE :
							     MADV_NOHUGEPAGE);
}
