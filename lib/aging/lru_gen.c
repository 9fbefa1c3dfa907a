// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generations of one memory cgroup, from the text of
 * /sys/kernel/debug/lru_gen:
 *
 *	memcg <id> <path>
 *	 node <id>
 *	  <seq> <age in ms> <anonymous pages> <file pages>
 *
 * Counts of one generation change while they are read; their sum over all is
 * off by what moved meanwhile.
 */
#include <errno.h>
#include <string.h>

#include "aging/lru_gen.h"
#include "host/host.h"

/* "memcg   12 /path": is it ours? */
static int parse_memcg(struct lru_gens *g, const char *line, const char *path)
{
	unsigned int id;
	int used = 0;

	if (sscanf(line, "memcg %u %n", &id, &used) < 1 || !used)
		return 0;
	if (strcmp(line + used, path))
		return 0;
	g->memcg_id = id;
	return 1;
}

static int parse_node(struct lru_gens *g, const char *line)
{
	unsigned int node;

	if (sscanf(line, " node %u", &node) != 1)
		return 0;
	if (g->nr_nodes == LRU_GEN_MAX_NODES)
		return -E2BIG;
	memset(&g->nodes[g->nr_nodes], 0, sizeof(g->nodes[0]));
	g->nodes[g->nr_nodes++].node = node;
	return 1;
}

static int parse_gen(struct lru_gens *g, const char *line)
{
	unsigned long long seq, age_ms, anon, file;
	struct lru_gen_node *n;

	if (sscanf(line, " %llu %llu %llu %llu", &seq, &age_ms, &anon,
		   &file) != 4)
		return 0;
	if (!g->nr_nodes)
		return -EBADMSG;
	n = &g->nodes[g->nr_nodes - 1];
	if (n->nr_gens == LRU_GEN_MAX_GENS)
		return -E2BIG;
	n->gens[n->nr_gens].seq = seq;
	n->gens[n->nr_gens++].pages = anon + file;
	return 1;
}

int lru_gen_parse(FILE *f, const char *memcg_path, struct lru_gens *g)
{
	char line[HOST_PATH_BYTES + 64];
	int ours = 0, err = 0;

	memset(g, 0, sizeof(*g));
	while (err >= 0 && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "memcg", 5)) {
			if (ours)
				break;
			ours = parse_memcg(g, line, memcg_path);
		} else if (ours) {
			err = parse_node(g, line);
			if (!err)
				err = parse_gen(g, line);
		}
	}
	if (err < 0)
		return err;
	return ours && g->nr_nodes && g->nodes[0].nr_gens ? 0 : -ENOENT;
}

uint64_t lru_gen_newest(const struct lru_gen_node *n)
{
	return n->nr_gens ? n->gens[n->nr_gens - 1].seq : 0;
}

uint64_t lru_gen_pages_since(const struct lru_gen_node *n, uint64_t seq)
{
	uint64_t pages = 0;
	unsigned int i;

	for (i = 0; i < n->nr_gens; i++)
		if (n->gens[i].seq >= seq)
			pages += n->gens[i].pages;
	return pages;
}
