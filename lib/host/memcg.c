// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does this process get a memory cgroup of its own?
 *
 * Method: /proc/self/cgroup says where the process is, /proc/self/mounts
 * where that hierarchy is mounted; one that is not mounted is mounted for
 * the time being.  In cgroup v2 a group with processes cannot hand out the
 * memory controller, so the new group goes below the nearest ancestor that
 * does or can.  Every step is a journaled change; the way back moves all
 * processes of the new group to where this one came from.
 *
 * Cannot tell: which pages were charged before the move; they stay with the
 * old group, so move first and touch memory afterwards.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

struct memcg {
	bool v2;
	char mount[HOST_PATH_BYTES];	/* where the hierarchy is mounted */
	char own[HOST_PATH_BYTES];	/* the process' group, below the mount */
};

/* Is @word one of the words of @list, separated by any of @sep? */
static bool has_word(const char *list, const char *word, const char *sep)
{
	size_t len = strlen(word);
	const char *p = list;

	while ((p = strstr(p, word))) {
		if ((p == list || strchr(sep, p[-1])) &&
		    (!p[len] || strchr(sep, p[len])))
			return true;
		p += len;
	}
	return false;
}

static FILE *open_list(const char *path)
{
	char full[HOST_PATH_BYTES];

	return host_path(path, full) ? NULL : fopen(full, "re");
}

static int find_own(struct memcg *cg)
{
	char line[HOST_PATH_BYTES + 64];
	FILE *f = open_list("/proc/self/cgroup");
	int found = -ENOENT;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		char *names = strchr(line, ':'), *path;

		path = names ? strchr(names + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		if (names[1] && !has_word(names + 1, "memory", ","))
			continue;
		/* A v1 memory hierarchy has the controller, v2 then has not. */
		if (!names[1] && !found)
			continue;
		cg->v2 = !names[1];
		snprintf(cg->own, sizeof(cg->own), "%.500s",
			 strcmp(path, "/") ? path : "");
		found = 0;
	}
	fclose(f);
	return found;
}

static int find_mount(struct memcg *cg)
{
	char line[1024], dir[HOST_PATH_BYTES], type[32], opts[256];
	FILE *f = open_list("/proc/self/mounts");

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %500s %31s %255s", dir, type, opts) != 3)
			continue;
		if (strcmp(type, cg->v2 ? "cgroup2" : "cgroup") ||
		    (!cg->v2 && !has_word(opts, "memory", ",")))
			continue;
		memcpy(cg->mount, dir, sizeof(dir));
		fclose(f);
		return 0;
	}
	fclose(f);
	return -ENOENT;
}

/* Mount the hierarchy below the state directory until the pop. */
static int mount_own(struct memcg *cg, struct reason *why)
{
	int err = host_make_dirs(host_journal_dir());

	if (err)
		return reason_set(why, err, "cannot make %.200s: %s",
				  host_journal_dir(), strerror(-err));
	snprintf(cg->mount, sizeof(cg->mount), "%.400s/cgroup-%d",
		 host_journal_dir(), getpid());
	err = host_push_mkdir(cg->mount, why);
	if (!err)
		err = host_push_mount(cg->v2 ? "cgroup2" : "cgroup", cg->mount,
				      cg->v2 ? NULL : "memory", why);
	return err;
}

static bool file_has_word(const char *dir, const char *file, const char *word)
{
	char path[HOST_PATH_BYTES + 32], text[HOST_VALUE_BYTES];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return host_read(path, text, sizeof(text)) >= 0 &&
	       has_word(text, word, " ");
}

/* cgroup v2: can @dir, or can it be made to, have children with memory? */
static int give_memory(const char *dir, struct reason *why)
{
	char path[HOST_PATH_BYTES + 32];

	if (file_has_word(dir, "cgroup.subtree_control", "memory"))
		return 0;
	if (!file_has_word(dir, "cgroup.controllers", "memory"))
		return reason_skip(why, -ENODEV,
				   "the memory controller is not available in %.160s; boot without cgroup_disable=memory and enable it in the parent groups",
				   dir);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	return host_push_write_undo(path, "+memory", "-memory", why);
}

/* The directory to make the new group in: @dir, or the nearest above it. */
static int find_parent(const struct memcg *cg, char *dir, size_t size,
		       struct reason *why)
{
	size_t root_len = strlen(cg->mount);
	int err;

	if ((size_t)snprintf(dir, size, "%s%s", cg->mount, cg->own) >= size)
		return reason_set(why, -ENAMETOOLONG,
				  "the path of this process' cgroup is too long");
	if (!cg->v2)
		return 0;
	for (;;) {
		err = give_memory(dir, why);
		if (!err || strlen(dir) <= root_len)
			return err;
		*strrchr(dir, '/') = '\0';
	}
}

struct move {
	char procs[HOST_PATH_BYTES + 96];
};

static int apply_move(const void *arg, struct reason *why)
{
	const struct move *m = arg;
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	return host_write(m->procs, pid, why);
}

static int enter(const struct memcg *cg, const char *group,
		 struct reason *why)
{
	struct host_change c = { .undo = UNDO_LEAVE };
	struct move m;

	if ((size_t)snprintf(c.path, sizeof(c.path), "%s", group) >=
	    sizeof(c.path) ||
	    (size_t)snprintf(c.value, sizeof(c.value), "%s%s", cg->mount,
			     cg->own) >= sizeof(c.value))
		return reason_set(why, -ENAMETOOLONG,
				  "the path of this process' cgroup is too long");
	snprintf(m.procs, sizeof(m.procs), "%s/cgroup.procs", group);
	return host_push(&c, apply_move, &m, why);
}

int host_push_memcg(const char *name, char *path, size_t size,
		    struct reason *why)
{
	struct memcg cg = { 0 };
	char dir[HOST_PATH_BYTES], group[HOST_PATH_BYTES + 64];
	int err = find_own(&cg);

	if (err)
		return reason_skip(why, -ENODEV,
				   "this kernel has no memory cgroups; it needs CONFIG_MEMCG and no cgroup_disable=memory");
	if (find_mount(&cg))
		err = mount_own(&cg, why);
	if (!err)
		err = find_parent(&cg, dir, sizeof(dir), why);
	if (err)
		return err;
	if ((size_t)snprintf(group, sizeof(group), "%s/mmubench-%.24s-%d", dir,
			     name, getpid()) >= size)
		return reason_set(why, -ENAMETOOLONG,
				  "the path of the new cgroup is too long");
	err = host_push_mkdir(group, why);
	if (!err)
		err = enter(&cg, group, why);
	if (!err)
		snprintf(path, size, "%s", group);
	return err;
}

int host_memcg_self(char *path, size_t size, struct reason *why)
{
	struct memcg cg = { 0 };

	if (find_own(&cg))
		return reason_skip(why, -ENODEV,
				   "this kernel has no memory cgroups; it needs CONFIG_MEMCG and no cgroup_disable=memory");
	if ((size_t)snprintf(path, size, "%s", cg.own[0] ? cg.own : "/") >= size)
		return reason_set(why, -ENAMETOOLONG,
				  "the path of this process' cgroup is too long");
	return 0;
}
