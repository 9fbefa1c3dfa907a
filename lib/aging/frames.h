/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From host addresses to page frames, in bulk; only this folder includes this.
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
	 * Per page of the span: the frame that holds the page's LRU state (the
	 * head of a huge page), or FRAMES_NONE: not present or on no LRU list.
	 */
	uint64_t *pfns;
	uint64_t *flags;	/* of each page's own frame */
};

/* 0, or -errno with @why: a file is missing or hides the frames. */
int frames_probe(struct reason *why);
/* @f zeroed before; frames_close() also after a failure. */
int frames_open(struct frames *f, struct reason *why);
void frames_close(struct frames *f);

/* Fill f->pfns for @span. */
int frames_read(struct frames *f, const struct gpages *span,
		struct reason *why);

/*
 * New pages wait in per-CPU lists and are on no LRU list until these are
 * drained; asking to move the page at @hva to the node it is on drains all.
 */
void frames_drain_new(void *hva);

/* Open a file below the root: a descriptor or -errno. */
int frames_open_file(const char *path, int flags);

#endif
