// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages of a span were used?  Asked through the idle page bitmap.
 *
 * Method, all in bulk: one read of pagemap turns the span into page frames,
 * reads of kpageflags find the head of each huge page (only the head has an
 * idle bit) and the frames that are on no LRU list (they have none), then
 * each run of adjacent bitmap words is read once and written once.  A set
 * bit that is still set means "not used since": the kernel ages the page's
 * mappings, the guest's through the MMU notifier, before it answers.  Only
 * bits found cleared are set again, so an old page is walked once a pass.
 *
 * Errors: an access between the read and the write of its word is lost (a
 * false negative), as is one through a stale TLB entry, since nothing here
 * flushes TLBs.  With multi-gen LRU switched on, an access whose mapping was
 * zapped meanwhile does not clear the bit.
 *
 * Cannot tell: pages that are not mapped, hugetlb pages, pages that wait in a
 * CPU's list of new pages, and those in the last, partial word of memory;
 * they are reported as unknown.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aging/frames.h"
#include "host/host.h"
#include "internal.h"

#define BITMAP		"/sys/kernel/mm/page_idle/bitmap"
#define MAX_WORDS	(1ull << 32)	/* frames of a petabyte */

struct idle {
	struct frames frames;
	int bitmap_fd;
	bool drained;
	/* Of one pass: words [base, base + nr_words) of the bitmap. */
	uint64_t base, nr_words, nr_touched;
	uint64_t *touched;	/* word numbers less base, sorted */
	uint64_t *want;		/* bits of our pages */
	uint64_t *idle;		/* what the kernel answered */
	uint64_t *known;	/* words that could be read: all ones */
};

static int idle_probe(struct reason *why)
{
	int fd;

	if (!host_exists(BITMAP))
		return reason_skip(why, -ENODEV,
				   "this kernel has no idle page tracking; it needs CONFIG_IDLE_PAGE_TRACKING");
	fd = host_open(BITMAP, O_RDWR);
	if (fd < 0)
		return reason_skip(why, fd, "cannot open " BITMAP ": %s; run as root",
				   strerror(-fd));
	close(fd);
	return frames_probe(why);
}

static int idle_open(struct aging *a, struct reason *why)
{
	struct idle *s = a->priv;
	int err = frames_open(&s->frames, why);

	if (err)
		return err;
	s->bitmap_fd = host_open(BITMAP, O_RDWR);
	if (s->bitmap_fd < 0)
		return reason_set(why, s->bitmap_fd, "cannot open " BITMAP);
	return 0;
}

static void idle_close(struct aging *a)
{
	struct idle *s = a->priv;

	if (s->bitmap_fd > 0)
		close(s->bitmap_fd);
	frames_close(&s->frames);
}

static int compare_words(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int alloc_words(struct idle *s, uint64_t nr_pages, struct reason *why)
{
	const uint64_t *pfns = s->frames.pfns;
	uint64_t i, lowest = FRAMES_NONE, highest = 0;

	for (i = 0; i < nr_pages; i++) {
		if (pfns[i] == FRAMES_NONE)
			continue;
		if (pfns[i] < lowest)
			lowest = pfns[i];
		if (pfns[i] > highest)
			highest = pfns[i];
	}
	s->base = lowest == FRAMES_NONE ? 0 : lowest / 64;
	s->nr_words = highest / 64 - s->base + 1;
	if (s->nr_words > MAX_WORDS)
		return reason_set(why, -E2BIG, "page frames are too far apart");
	/* Untouched parts of these cost address space only. */
	s->want = calloc(s->nr_words, sizeof(*s->want));
	s->idle = calloc(s->nr_words, sizeof(*s->idle));
	s->known = calloc(s->nr_words, sizeof(*s->known));
	s->touched = calloc(nr_pages, sizeof(*s->touched));
	if (!s->want || !s->idle || !s->known || !s->touched)
		return reason_set(why, -ENOMEM, "out of memory for an aging pass");
	return 0;
}

static void free_words(struct idle *s)
{
	free(s->want);
	free(s->idle);
	free(s->known);
	free(s->touched);
	s->want = s->idle = s->known = s->touched = NULL;
}

static void collect_words(struct idle *s, uint64_t nr_pages)
{
	const uint64_t *pfns = s->frames.pfns;
	bool sorted = true;
	uint64_t i, word;

	s->nr_touched = 0;
	for (i = 0; i < nr_pages; i++) {
		if (pfns[i] == FRAMES_NONE)
			continue;
		word = pfns[i] / 64 - s->base;
		if (!s->want[word]) {
			if (s->nr_touched &&
			    word < s->touched[s->nr_touched - 1])
				sorted = false;
			s->touched[s->nr_touched++] = word;
		}
		s->want[word] |= 1ull << pfns[i] % 64;
	}
	if (!sorted)
		qsort(s->touched, s->nr_touched, sizeof(*s->touched),
		      compare_words);
}

/* The length of the run of adjacent words that starts at touched[i]. */
static uint64_t run_length(const struct idle *s, uint64_t i)
{
	uint64_t run = 1;

	while (i + run < s->nr_touched &&
	       s->touched[i + run] == s->touched[i] + run)
		run++;
	return run;
}

/* A short answer is the kernel's for a last word that memory does not fill. */
static int read_words(struct idle *s, struct reason *why)
{
	uint64_t i, run, word, done;
	ssize_t n;

	for (i = 0; i < s->nr_touched; i += run) {
		run = run_length(s, i);
		word = s->touched[i];
		for (done = 0; done < run; done += n / 8) {
			n = pread(s->bitmap_fd, &s->idle[word + done],
				  (run - done) * 8, (s->base + word + done) * 8);
			if (n < 0)
				return reason_set(why, -errno,
						  "cannot read " BITMAP ": %s",
						  strerror(errno));
			if (n < 8)
				break;
			memset(&s->known[word + done], 0xff, n);
		}
	}
	return 0;
}

/* Set the bits that are not set: the young ones, at first all. */
static int write_words(struct idle *s, struct reason *why)
{
	uint64_t i, run, word, done;
	ssize_t n;

	for (i = 0; i < s->nr_touched; i++)
		s->idle[s->touched[i]] = s->want[s->touched[i]] &
					 ~s->idle[s->touched[i]];
	for (i = 0; i < s->nr_touched; i += run) {
		word = s->touched[i];
		if (!s->idle[word]) {
			run = 1;
			continue;
		}
		run = run_length(s, i);
		for (done = 0; done < run; done += n / 8) {
			n = pwrite(s->bitmap_fd, &s->idle[word + done],
				   (run - done) * 8, (s->base + word + done) * 8);
			if (n < 0 && errno != ENXIO)
				return reason_set(why, -errno,
						  "cannot write " BITMAP ": %s",
						  strerror(errno));
			if (n < 8)
				break;
		}
	}
	return 0;
}

static void classify(struct idle *s, uint64_t nr_pages,
		     struct aging_result *res)
{
	const uint64_t *pfns = s->frames.pfns;
	uint64_t i, word, bit;
	uint8_t class;

	for (i = 0; i < nr_pages; i++) {
		class = AGING_UNKNOWN;
		if (pfns[i] != FRAMES_NONE) {
			word = pfns[i] / 64 - s->base;
			bit = 1ull << pfns[i] % 64;
			if (s->known[word])
				class = s->idle[word] & bit ? AGING_OLD :
							      AGING_YOUNG;
		}
		res->young_pages += class == AGING_YOUNG;
		res->old_pages += class == AGING_OLD;
		res->unknown_pages += class == AGING_UNKNOWN;
		if (res->class_map)
			res->class_map[i] = class;
	}
}

static int idle_pass(struct aging *a, const struct gpages *span,
		     struct aging_result *res, struct reason *why)
{
	struct idle *s = a->priv;
	int err;

	if (!s->drained && !host_root()[0])
		frames_drain_new(span->hva);
	s->drained = true;
	err = frames_read(&s->frames, span, why);
	if (err)
		return err;
	err = alloc_words(s, span->nr_pages, why);
	if (!err) {
		collect_words(s, span->nr_pages);
		err = read_words(s, why);
	}
	if (!err) {
		classify(s, span->nr_pages, res);
		err = write_words(s, why);
	}
	free_words(s);
	return err;
}

const struct aging_ops aging_page_idle = {
	.name = "page_idle",
	.summary = "the idle page bitmap: per page, no TLB flush",
	.caps = AGING_PER_PAGE | AGING_REAL,
	.priv_bytes = sizeof(struct idle),
	.probe = idle_probe,
	.open = idle_open,
	.pass = idle_pass,
	.close = idle_close,
};
