// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that appear whole or not at all, see outfile.h.
 *
 * Method: write beside the target, fsync, rename, fsync the directory.  It
 * cannot protect against a disk that lies about fsync.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/outfile.h"

/* Chosen: far above the time one write takes, far below a user's patience. */
#define SWEEP_AGE_S	60

static int mkdir_one(const char *path)
{
	struct stat st;

	if (!mkdir(path, 0777))
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int outfile_mkdirs(const char *dir, struct reason *why)
{
	char path[PATH_MAX];
	char *slash;
	int ret = 0;

	if (!*dir || strlen(dir) >= sizeof(path) - NAME_MAX)
		return reason_usage(why, -EINVAL,
				    "'%.60s' cannot be a results directory: empty or too long; choose another one",
				    dir);
	memcpy(path, dir, strlen(dir) + 1);
	for (slash = strchr(path + 1, '/'); slash && !ret;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		ret = mkdir_one(path);
		*slash = '/';
	}
	if (!ret)
		ret = mkdir_one(path);
	if (!ret && access(path, W_OK | X_OK))
		ret = -errno;
	if (ret)
		return reason_usage(why, ret,
				    "cannot write into directory '%s': %s; choose another one with --results DIR (plot: --out DIR)",
				    dir, strerror(-ret));
	return 0;
}

int outfile_flush_stdout(struct reason *why)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	return reason_set(why, -errno, "cannot write the output: %s",
			  strerror(errno));
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(fd, text, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		text += done;
		len -= done;
	}
	return fsync(fd) ? -errno : 0;
}

/* The name survives a power cut only after its directory is on disk. */
static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Some file systems refuse this; the file itself is safe by now. */
	(void)!fsync(fd);
	close(fd);
}

static int write_error(const char *dir, const char *name, int ret,
		       struct reason *why)
{
	const char *what = ret == -ENOSPC || ret == -EDQUOT || ret == -EFBIG ?
		"free space there or choose another directory" :
		"choose another directory";

	return reason_set(why, ret, "cannot write '%s/%s': %s; %s", dir, name,
			  strerror(-ret), what);
}

int outfile_write(const char *dir, const char *name, const char *text,
		  size_t len, struct reason *why)
{
	char tmp[PATH_MAX], final[PATH_MAX];
	int fd, ret;

	if (snprintf(final, sizeof(final), "%s/%s", dir, name) >= (int)sizeof(final) ||
	    snprintf(tmp, sizeof(tmp), "%s/.%s.%d.tmp", dir, name,
		     (int)getpid()) >= (int)sizeof(tmp))
		return write_error(dir, name, -ENAMETOOLONG, why);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return write_error(dir, name, -errno, why);
	ret = write_all(fd, text, len);
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, final))
		ret = -errno;
	if (ret) {
		unlink(tmp);
		return write_error(dir, name, ret, why);
	}
	sync_dir(dir);
	return 0;
}

/* The writer's pid in ".<name>.<pid>.tmp", or 0. */
static pid_t tmp_writer(const char *name)
{
	size_t len = strlen(name);
	const char *dot;
	char *end;
	long pid;

	if (name[0] != '.' || len < 7 || strcmp(name + len - 4, ".tmp"))
		return 0;
	dot = memrchr(name, '.', len - 4);
	if (!dot || dot == name)
		return 0;
	pid = strtol(dot + 1, &end, 10);
	return end == name + len - 4 && pid > 0 && pid <= INT_MAX ? pid : 0;
}

static bool is_stale(int dirfd, const char *name)
{
	pid_t pid = tmp_writer(name);
	struct stat st;

	if (!pid || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	if (!S_ISREG(st.st_mode) || st.st_mtime > time(NULL) - SWEEP_AGE_S)
		return false;
	return kill(pid, 0) && errno == ESRCH;
}

int outfile_sweep(const char *dir)
{
	struct dirent *entry;
	int removed = 0;
	DIR *d;

	d = opendir(dir);
	if (!d)
		return 0;
	while ((entry = readdir(d)))
		if (is_stale(dirfd(d), entry->d_name) &&
		    !unlinkat(dirfd(d), entry->d_name, 0))
			removed++;
	closedir(d);
	return removed;
}
