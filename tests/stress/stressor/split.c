// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split the host's huge pages in place: the content stays, every mapping of
 * it is taken down and made again from small pages.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/timing.h"
#include "host/host.h"
#include "stressor.h"

#define SPLIT "/sys/kernel/debug/split_huge_pages"

static int split_probe(const struct world *w, struct reason *why)
{
	if (!host_exists(SPLIT) || geteuid())
		return reason_skip(why, -EOPNOTSUPP, "no " SPLIT "; mount -t debugfs none /sys/kernel/debug as root, on a kernel with transparent huge pages");
	return 0;
}

static int split_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	struct world_span s = world_pick(w->view.nr_pages, 1024, rng);
	uint64_t begin = timing_now_ns();
	char words[96];
	int err;

	snprintf(words, sizeof(words), "%d,0x%" PRIxPTR ",0x%" PRIxPTR, getpid(),
		 (uintptr_t)world_hva(w, s.first),
		 (uintptr_t)world_hva(w, s.first + s.nr));
	/* A page that somebody holds or changes at this moment stays whole. */
	err = host_write_raw(SPLIT, words);
	world_did(w, "split", err ? "tried to split" : "split", s.first, s.nr,
		  begin);
	return 0;
}

const struct stressor_ops stressor_split = {
	.name = "split",
	.summary = "split huge pages of the host in place",
	.weight = 5,
	.probe = split_probe,
	.step = split_step,
};
