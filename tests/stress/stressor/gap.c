// SPDX-License-Identifier: GPL-2.0-only
/*
 * Move the guest's pages away and back: for a moment there is no mapping, then
 * the same pages are there again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "mapping.h"

static int away_and_back(struct world *w, const struct world_span *s,
			 struct reason *why)
{
	char *here = world_hva(w, s->first), *there;
	size_t bytes = s->nr * 4096ull;

	there = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (there == MAP_FAILED)
		return reason_set(why, -errno, "no address space: %s",
				  strerror(errno));
	/* DONTUNMAP leaves an empty mapping behind, so nobody else lands here. */
	if (mremap(here, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED |
		   MREMAP_DONTUNMAP, there) == MAP_FAILED) {
		int err = errno;

		munmap(there, bytes);
		/* Advice of others cut the mapping in two: it cannot be moved. */
		if (err == EFAULT)
			return 0;
		return reason_set(why, -err, "mremap() failed: %s",
				  strerror(err));
	}
	if (mremap(there, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, here) ==
	    MAP_FAILED)
		return reason_set(why, -errno, "mremap() back failed: %s",
				  strerror(errno));
	return 0;
}

static int gap_step(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why)
{
	struct world_span s = world_pick(w->view.first_steady, 64, rng);
	uint64_t begin = timing_now_ns();
	int err;

	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	err = away_and_back(w, &s, why);
	/* A write in the gap went to a page that is gone again, yet is logged. */
	world_forget_log(w, s.first, s.nr);
	world_release(w, s.first, s.nr, WORLD_KEPT, WORLD_FREE);
	world_did(w, "gap", "moved away and back", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_gap = {
	.name = "gap",
	.summary = "move pages away and back with mremap()",
	.weight = 10,
	.probe = mapping_is_private,
	.step = gap_step,
};
