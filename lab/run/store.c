// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How do a host's files reach the results store whole or not at all?
 *
 * Every file is written into a hidden directory of the store, flushed, and
 * renamed to its place only when the whole transfer is known to be complete.
 * A new result directory moves with one rename; files for a directory that
 * exists move one by one.  It cannot undo a rename if a later one fails.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/run/store.h"

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void store_remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int store_append(int fd, const char *src)
{
	/* Chosen: one call for most files; a tenth would also do. */
	const size_t step = 16 << 20;
	int in, err = 0;
	ssize_t n;

	in = open(src, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	do
		n = sendfile(fd, in, NULL, step);
	while (n > 0);
	if (n < 0)
		err = -errno;
	close(in);
	return err;
}

/* Remove what killed writers left in this run's directory and its sisters. */
static void sweep(const char *root)
{
	char pattern[700];
	glob_t found;
	const char *p;
	pid_t pid;

	snprintf(pattern, sizeof(pattern), "%s/../*/.incoming-*", root);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		p = strstr(found.gl_pathv[i], "/.incoming-");
		pid = strtol(p + strlen("/.incoming-"), NULL, 10);
		if (pid > 0 && kill(pid, 0) && errno == ESRCH)
			store_remove_tree(found.gl_pathv[i]);
	}
	globfree(&found);
}

int store_open(struct store *s, const char *root, struct reason *why)
{
	int err;

	s->stage[0] = '\0';
	if ((size_t)snprintf(s->root, sizeof(s->root), "%s", root) >=
	    sizeof(s->root))
		return reason_set(why, -ENAMETOOLONG,
				  "the name of the directory %.60s... is too long",
				  root);
	err = outfile_mkdirs(root, why);
	if (err)
		return err;
	sweep(s->root);
	snprintf(s->stage, sizeof(s->stage), "%s/.incoming-%d-XXXXXX", s->root,
		 (int)getpid());
	if (mkdtemp(s->stage) && !chmod(s->stage, 0755))
		return 0;
	err = reason_set(why, -errno, "cannot write to %s: %s", root,
			 strerror(errno));
	s->stage[0] = '\0';
	return err;
}

/* The staged directory that @name is to be in, which is made; *base: the rest. */
static int stage_dir(struct store *s, const char *name, char *dir, size_t size,
		     const char **base, struct reason *why)
{
	const char *slash = strrchr(name, '/');
	int len = slash ? (int)(slash - name) : 0;

	*base = slash ? slash + 1 : name;
	if ((size_t)snprintf(dir, size, "%s/%.*s", s->stage, len, name) >= size)
		return reason_set(why, -ENAMETOOLONG,
				  "the name of the file %.60s... is too long",
				  name);
	return outfile_mkdirs(dir, why);
}

int store_put(struct store *s, const char *name, const void *data, size_t n,
	      struct reason *why)
{
	const char *base;
	char dir[1200];
	int err;

	err = stage_dir(s, name, dir, sizeof(dir), &base, why);
	return err ? err : outfile_write(dir, base, data, n, why);
}

int store_copy(struct store *s, const char *name, const char *src,
	       struct reason *why)
{
	char dir[1200], path[1400];
	const char *base;
	int fd, err;

	if (access(src, R_OK))
		return 0;
	err = stage_dir(s, name, dir, sizeof(dir), &base, why);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/%s", dir, base);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	err = fd < 0 ? -errno : store_append(fd, src);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (err)
		return reason_set(why, err, "cannot write '%s': %s", path,
				  strerror(-err));
	return 0;
}

static int move_tree(const char *from, const char *to);

static int move_children(const char *from, const char *to)
{
	char a[1400], b[1400];
	struct dirent *d;
	int err = 0;
	DIR *dir;

	dir = opendir(from);
	if (!dir)
		return -errno;
	while (!err && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if ((size_t)snprintf(a, sizeof(a), "%s/%s", from, d->d_name) >=
			    sizeof(a) ||
		    (size_t)snprintf(b, sizeof(b), "%s/%s", to, d->d_name) >=
			    sizeof(b))
			err = -ENAMETOOLONG;
		else
			err = move_tree(a, b);
	}
	closedir(dir);
	return err;
}

/* Move @from to @to; into it, entry by entry, if it is there already. */
static int move_tree(const char *from, const char *to)
{
	if (!rename(from, to))
		return 0;
	if (errno != EEXIST && errno != ENOTEMPTY)
		return -errno;
	return move_children(from, to);
}

int store_commit(struct store *s, struct reason *why)
{
	int err = move_children(s->stage, s->root);

	if (err)
		return reason_set(why, err,
				  "cannot move the results to %s: %s", s->root,
				  strerror(-err));
	return 0;
}

void store_close(struct store *s)
{
	if (s->stage[0])
		store_remove_tree(s->stage);
	s->stage[0] = '\0';
}

bool store_has_records(const char *run_dir)
{
	char pattern[1200];
	glob_t found;
	bool ret;

	snprintf(pattern, sizeof(pattern), "%s/*/*.jsonl", run_dir);
	ret = !glob(pattern, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return ret;
}
