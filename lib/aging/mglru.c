// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many pages of a span were used?  Asked through multi-gen LRU.
 *
 * Method: the process lives in a memory cgroup of its own, so that the
 * cgroup's lists hold its pages and no others.  A pass tells the kernel,
 * through debugfs, to age that cgroup: the kernel walks the page tables
 * (and, where it asks secondary MMUs, the guest's), moves what was used into
 * the generation that was the youngest, and opens a new one.  Counting the
 * pages from that generation on gives the young ones.
 *
 * Errors: pages new since the last pass count as young; so do the process'
 * own pages outside the span (stacks, tables of the harness).  Nothing is
 * flushed.  A page table whose lock is taken is skipped until the next pass.
 *
 * Cannot tell: which pages were used, and anything at all about guests on
 * kernels whose walk does not ask secondary MMUs: there every page is old.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "internal.h"
#include "lru_gen.h"

#define ENABLED	"/sys/kernel/mm/lru_gen/enabled"
#define DEBUGFS	"/sys/kernel/debug/lru_gen"

/* Bits of ENABLED: the lists themselves; walking page tables. */
#define LISTS_ON	1u
#define WALK_ON		2u

struct mglru {
	int fd;
	char memcg[HOST_PATH_BYTES];
};

static int read_gens(const struct mglru *s, struct lru_gens *g,
		     struct reason *why)
{
	FILE *f;
	int err;

	if (lseek(s->fd, 0, SEEK_SET) < 0 || !(f = fdopen(dup(s->fd), "r")))
		return reason_set(why, -errno, "cannot read " DEBUGFS ": %s",
				  strerror(errno));
	err = lru_gen_parse(f, s->memcg, g);
	fclose(f);
	if (err)
		return reason_set(why, err,
				  DEBUGFS " says nothing about cgroup %.160s",
				  s->memcg);
	return 0;
}

static int mglru_probe(struct reason *why)
{
	uint64_t on;

	if (host_read_u64(ENABLED, &on))
		return reason_skip(why, -ENODEV,
				   "this kernel has no multi-gen LRU; it needs CONFIG_LRU_GEN");
	if (!(on & LISTS_ON) || !(on & WALK_ON))
		return reason_skip(why, -ENODEV,
				   "multi-gen LRU is switched off (" ENABLED " is 0x%llx); echo y >" ENABLED,
				   (unsigned long long)on);
	if (!host_exists(DEBUGFS))
		return reason_skip(why, -ENODEV,
				   "no " DEBUGFS "; mount -t debugfs none /sys/kernel/debug as root");
	return 0;
}

static int mglru_open(struct aging *a, struct reason *why)
{
	struct mglru *s = a->priv;
	char full[HOST_PATH_BYTES];
	struct lru_gens gens;
	int err = host_memcg_self(s->memcg, sizeof(s->memcg), why);

	if (err)
		return err;
	if (!strstr(s->memcg, "/mmubench-"))
		return reason_skip(why, -EINVAL,
				   "multi-gen LRU needs the process to enter a memory cgroup of its own before it allocates memory");
	err = host_path(DEBUGFS, full);
	/* Appending matters to plain files only, in a made-up host. */
	s->fd = err ? -1 : open(full, O_RDWR | O_APPEND | O_CLOEXEC);
	if (s->fd < 0)
		return reason_skip(why, -errno,
				   "cannot open " DEBUGFS ": %s; run as root",
				   strerror(errno));
	/* A file of another format is a kernel that this cannot age on. */
	err = read_gens(s, &gens, why);
	return err ? reason_was_probe(why, err) : 0;
}

static void mglru_close(struct aging *a)
{
	struct mglru *s = a->priv;

	if (s->fd > 0)
		close(s->fd);
}

/* Age one node's lists: up to and including the newest generation. */
static int age_node(const struct mglru *s, const struct lru_gens *g,
		    const struct lru_gen_node *n, struct reason *why)
{
	char cmd[96];
	int len;

	/* Swappiness 1 includes anonymous pages, 1 scans without sampling. */
	len = snprintf(cmd, sizeof(cmd), "+ %u %u %llu 1 1\n", g->memcg_id,
		       n->node, (unsigned long long)lru_gen_newest(n));
	if (write(s->fd, cmd, len) == len)
		return 0;
	return reason_set(why, -errno, "the kernel refuses to age cgroup %.160s: %s",
			  s->memcg, strerror(errno));
}

static int mglru_pass(struct aging *a, const struct gpages *span,
		      struct aging_result *res, struct reason *why)
{
	struct mglru *s = a->priv;
	struct lru_gens before, after;
	uint64_t young = 0, all = 0;
	unsigned int i;
	int err = read_gens(s, &before, why);

	for (i = 0; !err && i < before.nr_nodes; i++)
		err = age_node(s, &before, &before.nodes[i], why);
	if (!err)
		err = read_gens(s, &after, why);
	if (err)
		return err;
	for (i = 0; i < before.nr_nodes && i < after.nr_nodes; i++) {
		young += lru_gen_pages_since(&after.nodes[i],
					     lru_gen_newest(&before.nodes[i]));
		all += lru_gen_pages_since(&after.nodes[i], 0);
	}
	res->young_pages = young < span->nr_pages ? young : span->nr_pages;
	res->old_pages = all - young < span->nr_pages - res->young_pages ?
			 all - young : span->nr_pages - res->young_pages;
	res->unknown_pages = span->nr_pages - res->young_pages - res->old_pages;
	return 0;
}

const struct aging_ops aging_mglru = {
	.name = "mglru",
	.summary = "multi-gen LRU in a memory cgroup of its own: counts, no TLB flush",
	.caps = AGING_NEEDS_CG | AGING_APPROX | AGING_REAL,
	.priv_bytes = sizeof(struct mglru),
	.probe = mglru_probe,
	.open = mglru_open,
	.pass = mglru_pass,
	.close = mglru_close,
};
