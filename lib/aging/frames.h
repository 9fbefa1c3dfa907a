/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translate host addresses to page frames, in bulk; private to this folder.
 */
#ifndef MMUBENCH_AGING_FRAMES_H
#define MMUBENCH_AGING_FRAMES_H

#include <stdint.h>

#include "base/reason.h"
#include "guest/gpages.h"

#define FRAMES_NONE UINT64_MAX

struct frames {
	int pagemap_fd;
	int flags_fd;
	uint64_t nr_alloc;	/* pages the arrays have room for */
	/*
	 * For each page of the span, the frame that holds its LRU state (the
	 * head of a huge page), or FRAMES_NONE if it is not present or is on
	 * no LRU list.
	 */
	uint64_t *pfns;
	uint64_t *flags;	/* of each page's own frame */
};

/* 0, or -errno with @why if a file is missing or hides the frames. */
int frames_probe(struct reason *why);
/* @f must be zeroed.  Call frames_close() after a failure, too. */
int frames_open(struct frames *f, struct reason *why);
void frames_close(struct frames *f);

/* Fill f->pfns for @span. */
int frames_read(struct frames *f, const struct gpages *span,
		struct reason *why);

/*
 * Drain the per-CPU lists in which new pages wait before they reach an LRU
 * list.  Asking to move the page at @hva to the node it is on does that.
 */
void frames_drain_new(void *hva);

#endif
