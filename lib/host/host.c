// SPDX-License-Identifier: GPL-2.0-only
/*
 * What do the small files of /sys, /proc, debugfs and cgroups say?
 *
 * Method: plain open, read, write, close, below a root that unit tests point
 * at a recorded tree.  Values are text without their trailing newline.
 * Settings are changed by change.c and journal.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "internal.h"

/* The one process-wide setting of this module, see host_set_root(). */
static char root_dir[PATH_MAX];

void host_set_root(const char *root)
{
	snprintf(root_dir, sizeof(root_dir), "%s", root);
}

const char *host_root(void)
{
	return root_dir;
}

/* No snprintf(): this runs in signal handlers too. */
int host_path(const char *path, char *buf)
{
	size_t root_len = strlen(root_dir), len = strlen(path);

	if (root_len + len + 2 > HOST_PATH_BYTES)
		return -ENAMETOOLONG;
	memcpy(buf, root_dir, root_len);
	if (*path != '/')
		buf[root_len++] = '/';
	memcpy(buf + root_len, path, len + 1);
	return 0;
}

int host_open(const char *path, int flags)
{
	char full[HOST_PATH_BYTES];
	int err = host_path(path, full), fd;

	if (err)
		return err;
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int host_read(const char *path, char *buf, size_t size)
{
	char full[HOST_PATH_BYTES];
	size_t len = 0;
	ssize_t n = 1;
	int fd, err;

	err = host_path(path, full);
	if (err)
		return err;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n > 0 && len + 1 < size) {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += n;
	}
	err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	while (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
}

int host_read_u64(const char *path, uint64_t *value)
{
	char buf[64], *end;
	int len = host_read(path, buf, sizeof(buf));

	if (len < 0)
		return len;
	errno = 0;
	*value = strtoull(buf, &end, 0);
	if (errno || end == buf || *end || buf[0] == '-')
		return -EINVAL;
	return 0;
}

bool host_exists(const char *path)
{
	char full[HOST_PATH_BYTES];

	return !host_path(path, full) && !access(full, F_OK);
}

int host_read_choice(const char *path, char *buf, size_t size)
{
	char line[HOST_VALUE_BYTES], *open_bracket, *close_bracket;
	int len = host_read(path, line, sizeof(line));

	if (len < 0)
		return len;
	open_bracket = strchr(line, '[');
	close_bracket = open_bracket ? strchr(open_bracket, ']') : NULL;
	if (!close_bracket)
		return -EINVAL;
	len = close_bracket - open_bracket - 1;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	memcpy(buf, open_bracket + 1, len);
	buf[len] = '\0';
	return len;
}

int host_write_raw(const char *path, const char *text)
{
	char full[HOST_PATH_BYTES];
	size_t len = strlen(text);
	ssize_t n;
	int fd, err;

	err = host_path(path, full);
	if (err)
		return err;
	fd = open(full, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Control files take a command in one write or not at all. */
	n = write(fd, text, len);
	err = n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
	close(fd);
	return err;
}

int host_write(const char *path, const char *text, struct reason *why)
{
	int err = host_write_raw(path, text);

	if (!err)
		return 0;
	return reason_set(why, err, "cannot write '%.60s' to %.160s: %s%s", text,
			  path, strerror(-err),
			  err == -EACCES || err == -EPERM || err == -EROFS ?
			  "; run as root" : "");
}

int host_make_dirs(const char *dir)
{
	char part[PATH_MAX];
	size_t i;

	if (strlen(dir) >= sizeof(part))
		return -ENAMETOOLONG;
	for (i = 1; ; i++) {
		if (dir[i] && dir[i] != '/')
			continue;
		memcpy(part, dir, i);
		part[i] = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
		if (!dir[i])
			return 0;
	}
}
