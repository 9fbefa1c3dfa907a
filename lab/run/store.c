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
#include <sys/stat.h>
#include <unistd.h>

#include "lab/run/store.h"

int make_dirs(const char *path)
{
	char buf[1024];

	if ((size_t)snprintf(buf, sizeof(buf), "%s", path) >= sizeof(buf))
		return -ENAMETOOLONG;
	for (char *p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(buf, 0755) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (mkdir(buf, 0755) && errno != EEXIST)
		return -errno;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int write_all(int fd, const void *data, size_t n)
{
	const char *p = data;
	ssize_t done;

	while (n) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= done;
	}
	return 0;
}

int write_file(const char *path, const void *data, size_t n)
{
	int fd, err;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, n);
	if (!err && fsync(fd) && errno != EINVAL)
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(path);
	return err;
}

int append_file(int fd, const char *src)
{
	char buf[65536];
	int in, err = 0;
	ssize_t n;

	in = open(src, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	while (!err && (n = read(in, buf, sizeof(buf))) > 0)
		err = write_all(fd, buf, n);
	if (!err && n < 0)
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
			remove_tree(found.gl_pathv[i]);
	}
	globfree(&found);
}

int store_open(struct store *s, const char *root)
{
	int err;

	s->stage[0] = '\0';
	if ((size_t)snprintf(s->root, sizeof(s->root), "%s", root) >=
	    sizeof(s->root))
		return -ENAMETOOLONG;
	err = make_dirs(root);
	if (err)
		return err;
	sweep(s->root);
	snprintf(s->stage, sizeof(s->stage), "%s/.incoming-%d-XXXXXX", s->root,
		 (int)getpid());
	if (mkdtemp(s->stage))
		return chmod(s->stage, 0755) ? -errno : 0;
	err = -errno;
	s->stage[0] = '\0';
	return err;
}

/* The staged path of @name, with its directory made. */
static int stage_path(struct store *s, const char *name, char *path,
		      size_t size)
{
	char *slash;
	int err;

	if ((size_t)snprintf(path, size, "%s/%s", s->stage, name) >= size)
		return -ENAMETOOLONG;
	slash = strrchr(path, '/');
	*slash = '\0';
	err = make_dirs(path);
	*slash = '/';
	return err;
}

int store_put(struct store *s, const char *name, const void *data, size_t n)
{
	char path[1200];
	int err;

	err = stage_path(s, name, path, sizeof(path));
	return err ? err : write_file(path, data, n);
}

int store_copy(struct store *s, const char *name, const char *src)
{
	char path[1200];
	int fd, err;

	if (access(src, R_OK))
		return 0;
	err = stage_path(s, name, path, sizeof(path));
	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = append_file(fd, src);
	if (close(fd) && !err)
		err = -errno;
	return err;
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

int store_commit(struct store *s)
{
	return move_children(s->stage, s->root);
}

void store_close(struct store *s)
{
	if (s->stage[0])
		remove_tree(s->stage);
	s->stage[0] = '\0';
}

int store_has_records(const char *run_dir)
{
	char pattern[1200];
	glob_t found;
	int ret;

	snprintf(pattern, sizeof(pattern), "%s/*/*.jsonl", run_dir);
	ret = !glob(pattern, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return ret;
}
