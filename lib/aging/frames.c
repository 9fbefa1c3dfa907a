// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which page frames are behind a span of memory, and which of them hold the
 * state of the whole (huge) page?
 *
 * Method: one read of pagemap for the span, one read of kpageflags per run of
 * adjacent frames.  A tail of a huge page stands for its head: the nearest
 * aligned frame that is flagged so.
 *
 * Cannot tell: what happens to the mapping after the read; a frame is an
 * answer about the past.
 */
#include <errno.h>
#include <fcntl.h>
#include <numaif.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aging/frames.h"
#include "host/host.h"

#define PAGEMAP		"/proc/self/pagemap"
#define FLAGS		"/proc/kpageflags"

#define ENTRY_PRESENT	(1ull << 63)
#define ENTRY_PFN_MASK	((1ull << 55) - 1)
#define FLAG_LRU	(1ull << 5)
#define FLAG_HEAD	(1ull << 15)
#define FLAG_TAIL	(1ull << 16)

#define MAX_FOLIO_LG2	18		/* 1 GiB, the largest page there is */

/* Without CAP_SYS_ADMIN the file opens but hides the frame numbers. */
static bool shows_frames(int fd)
{
	volatile char here = 1;
	uint64_t entry = 0, page = (uintptr_t)&here / 4096;

	if (host_root()[0])	/* a recorded host has no such page */
		return true;
	return pread(fd, &entry, sizeof(entry), page * sizeof(entry)) ==
	       sizeof(entry) && (entry & ENTRY_PFN_MASK);
}

int frames_probe(struct reason *why)
{
	bool shown;
	int fd;

	fd = host_open(FLAGS, O_RDONLY);
	if (fd < 0)
		return reason_skip(why, fd, "cannot open " FLAGS ": %s; run as root",
				   strerror(-fd));
	close(fd);
	fd = host_open(PAGEMAP, O_RDONLY);
	if (fd < 0)
		return reason_skip(why, fd, "cannot open " PAGEMAP ": %s",
				   strerror(-fd));
	shown = shows_frames(fd);
	close(fd);
	if (!shown)
		return reason_skip(why, -EPERM,
				   PAGEMAP " hides page frames from this user; run as root");
	return 0;
}

int frames_open(struct frames *f, struct reason *why)
{
	int err = frames_probe(why);

	if (err)
		return err;
	f->pagemap_fd = host_open(PAGEMAP, O_RDONLY);
	f->flags_fd = host_open(FLAGS, O_RDONLY);
	if (f->pagemap_fd < 0 || f->flags_fd < 0)
		return reason_set(why, -EIO,
				  "cannot open " PAGEMAP " and " FLAGS);
	return 0;
}

void frames_close(struct frames *f)
{
	if (f->pagemap_fd > 0)
		close(f->pagemap_fd);
	if (f->flags_fd > 0)
		close(f->flags_fd);
	free(f->pfns);
	free(f->flags);
}

static int make_room(struct frames *f, uint64_t nr_pages)
{
	if (nr_pages <= f->nr_alloc)
		return 0;
	free(f->pfns);
	free(f->flags);
	f->nr_alloc = 0;
	f->pfns = calloc(nr_pages, sizeof(*f->pfns));
	f->flags = calloc(nr_pages, sizeof(*f->flags));
	if (!f->pfns || !f->flags)
		return -ENOMEM;
	f->nr_alloc = nr_pages;
	return 0;
}

void frames_drain_new(void *hva)
{
	int status = -1, node;

	if (move_pages(0, 1, &hva, NULL, &status, 0) || status < 0)
		return;
	node = status;
	if (move_pages(0, 1, &hva, &node, &status, MPOL_MF_MOVE))
		return;		/* then a few pages stay unknown */
}

static int read_frames(struct frames *f, const struct gpages *span,
		       struct reason *why)
{
	size_t bytes = span->nr_pages * sizeof(*f->pfns), done = 0;
	off_t at = (uintptr_t)span->hva / 4096 * sizeof(*f->pfns);
	uint64_t i;
	ssize_t n;

	while (done < bytes) {
		n = pread(f->pagemap_fd, (char *)f->pfns + done, bytes - done,
			  at + done);
		if (n <= 0)
			return reason_set(why, n < 0 ? -errno : -EIO,
					  "cannot read " PAGEMAP);
		done += n;
	}
	for (i = 0; i < span->nr_pages; i++) {
		uint64_t pfn = f->pfns[i] & ENTRY_PFN_MASK;

		f->pfns[i] = f->pfns[i] & ENTRY_PRESENT && pfn ? pfn : FRAMES_NONE;
	}
	return 0;
}

/* Flags of all frames; adjacent frames in one read. */
static int read_flags(struct frames *f, uint64_t nr_pages, struct reason *why)
{
	uint64_t i, run;
	size_t bytes;

	for (i = 0; i < nr_pages; i += run) {
		for (run = 1; i + run < nr_pages; run++)
			if (f->pfns[i] == FRAMES_NONE ||
			    f->pfns[i + run] != f->pfns[i] + run)
				break;
		f->flags[i] = 0;
		if (f->pfns[i] == FRAMES_NONE)
			continue;
		bytes = run * sizeof(*f->flags);
		if (pread(f->flags_fd, &f->flags[i], bytes,
			  f->pfns[i] * sizeof(*f->flags)) != (ssize_t)bytes)
			return reason_set(why, -EIO, "cannot read " FLAGS);
	}
	return 0;
}

static uint64_t frame_flags(struct frames *f, uint64_t pfn)
{
	uint64_t flags = 0;

	if (pread(f->flags_fd, &flags, sizeof(flags), pfn * sizeof(flags)) !=
	    sizeof(flags))
		return 0;
	return flags;
}

/* The head of the huge page that tail @pfn is in: pages are aligned to size. */
static uint64_t find_head(struct frames *f, uint64_t pfn, uint64_t *head_flags)
{
	uint64_t head, last = pfn;
	int lg2;

	for (lg2 = 1; lg2 <= MAX_FOLIO_LG2; lg2++) {
		head = pfn & ~((1ull << lg2) - 1);
		if (head == last)
			continue;
		*head_flags = frame_flags(f, head);
		if (*head_flags & FLAG_HEAD)
			return head;
		if (!(*head_flags & FLAG_TAIL))
			break;	/* split while we looked */
		last = head;
	}
	return FRAMES_NONE;
}

/* Replace tails by their heads, frames without an idle bit by FRAMES_NONE. */
static void find_heads(struct frames *f, uint64_t nr_pages)
{
	uint64_t i, head = FRAMES_NONE, head_flags = 0, expected = FRAMES_NONE;

	for (i = 0; i < nr_pages; i++) {
		uint64_t pfn = f->pfns[i], flags = f->flags[i];

		if (pfn == FRAMES_NONE)
			continue;
		if (flags & FLAG_TAIL) {
			/* Next to the one before, in the same huge page? */
			if (head == FRAMES_NONE || pfn != expected)
				head = find_head(f, pfn, &head_flags);
		} else {
			head = pfn;
			head_flags = flags;
		}
		expected = pfn + 1;
		f->pfns[i] = head_flags & FLAG_LRU ? head : FRAMES_NONE;
	}
}

int frames_read(struct frames *f, const struct gpages *span,
		struct reason *why)
{
	int err = make_room(f, span->nr_pages);

	if (err)
		return reason_set(why, err, "out of memory for an aging pass");
	err = read_frames(f, span, why);
	if (!err)
		err = read_flags(f, span->nr_pages, why);
	if (!err)
		find_heads(f, span->nr_pages);
	return err;
}
