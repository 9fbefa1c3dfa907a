/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parse what /sys/kernel/debug/lru_gen says about one memory cgroup.
 */
#ifndef MMUBENCH_AGING_LRU_GEN_H
#define MMUBENCH_AGING_LRU_GEN_H

#include <stdint.h>
#include <stdio.h>

#define LRU_GEN_MAX_NODES 64	/* chosen: NUMA nodes with memory */
#define LRU_GEN_MAX_GENS 8	/* the kernel keeps 4 */

struct lru_gen_node {
	unsigned int node;
	unsigned int nr_gens;
	struct {
		uint64_t seq;	/* rises; the last is the newest */
		uint64_t pages;	/* anonymous and file together */
	} gens[LRU_GEN_MAX_GENS];
};

struct lru_gens {
	unsigned int memcg_id;
	unsigned int nr_nodes;
	struct lru_gen_node nodes[LRU_GEN_MAX_NODES];
};

/*
 * 0; -ENOENT if there is no such cgroup; -EBADMSG or -E2BIG if the format is
 * not the expected one.
 */
int lru_gen_parse(FILE *f, const char *memcg_path, struct lru_gens *g);

uint64_t lru_gen_newest(const struct lru_gen_node *n);
/* Number of pages in generation @seq and in younger ones. */
uint64_t lru_gen_pages_since(const struct lru_gen_node *n, uint64_t seq);

#endif
