// SPDX-License-Identifier: GPL-2.0-only
/*
 * Give pages back to the host kernel for the time when it needs them: each is
 * there, or zeroes, until a guest writes it.  From then on it must stay, so KVM
 * must tell the kernel of the write.
 *
 * Reclaim (the stressors pageout and reclaim) is what takes such pages.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "mapping.h"

static int lazyfree_step(struct world *w, void *priv, uint64_t *rng,
			 struct reason *why)
{
	struct world_span s = world_pick(w->view.first_steady, 600, rng);
	uint64_t begin = timing_now_ns();
	int err = 0;

	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	if (madvise(world_hva(w, s.first), s.nr * 4096ull, MADV_FREE))
		err = reason_set(why, -errno, "madvise(FREE) failed: %s",
				 strerror(errno));
	world_release(w, s.first, s.nr, err ? WORLD_KEPT : WORLD_LAZY, WORLD_FREE);
	world_did(w, "lazyfree", "gave back lazily", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_lazyfree = {
	.name = "lazyfree",
	.summary = "give pages back that the host kernel takes when it likes",
	.weight = 6,
	.probe = mapping_is_private,
	.step = lazyfree_step,
};
