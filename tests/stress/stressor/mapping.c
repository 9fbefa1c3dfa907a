// SPDX-License-Identifier: GPL-2.0-only
/* What agents share that change the host's mapping of private memory. */
#include <errno.h>
#include <sys/mman.h>

#include "mapping.h"

int mapping_is_private(const struct world *w, struct reason *why)
{
	if (w->rig->cfg.backing == BACKING_ANON || w->rig->cfg.backing == BACKING_THP)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "it needs an anonymous --backing");
}

int mapping_is_shared(const struct world *w, struct reason *why)
{
	if (w->rig->cfg.backing == BACKING_SHMEM ||
	    w->rig->cfg.backing == BACKING_MEMFD)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "it needs a --backing of shared memory");
}

void mapping_advise(const struct world *w, void *at, size_t bytes)
{
	madvise(at, bytes, w->rig->cfg.backing == BACKING_THP ? MADV_HUGEPAGE :
							     MADV_NOHUGEPAGE);
}
