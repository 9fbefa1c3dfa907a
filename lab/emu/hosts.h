/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_HOSTS_H
#define LAB_HOSTS_H

#include <stddef.h>

#include "base/reason.h"

/* One block of hosts.cfg, all values resolved through `like` and [defaults]. */
struct host {
	char name[64];
	char about[256];
	char emulator[16];
	char machine[32];
	char cpu[128];
	char groups[64];
	char append[1024];
	char tolerate[128];
	unsigned int cpus;
	unsigned int memory_mib;
	unsigned int nodes;
	unsigned int ips;
	unsigned int boot_timeout_s;
	unsigned int timeout_s;
};

struct hosts {
	struct host *v;
	size_t nr;
};

/*
 * Read @path.  0, or -errno with the line that is wrong and why in @why.  The
 * caller frees with hosts_free() either way.
 */
int hosts_load(struct hosts *hosts, const char *path, struct reason *why);
void hosts_free(struct hosts *hosts);

/* The host called @name, or NULL. */
const struct host *hosts_find(const struct hosts *hosts, const char *name);

/* The name of a host that @name is a misspelling of, or NULL. */
const char *hosts_nearest(const struct hosts *hosts, const char *name);

/* Set one key of a host, as a line of the file would; 0, or -1 if bad. */
int host_set(struct host *host, const char *key, const char *val);

/*
 * Can @host be made at all?  0, or -EINVAL with the rest of a sentence that
 * begins with its name in @what.  @defaults is the first block.
 */
int host_check(const struct host *host, const struct host *defaults,
	       struct reason *what);

#endif
