// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a run have a setting of the host to itself?
 *
 * Two runs that saved and changed the same setting would put back each
 * other's values.  So a run locks the setting's file; the kernel unlocks it
 * when the process is gone, which is after host_pop_all().
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/host.h"
#include "setting.h"

/* A locked descriptor of @path, or -errno with @why. */
static int lock(const char *path, struct reason *why)
{
	int fd = host_open(path, O_RDWR), err;

	if (fd == -ENOENT)
		return reason_skip(why, -EOPNOTSUPP, "this kernel has no %s", path);
	if (fd < 0)
		return reason_skip(why, -EOPNOTSUPP, "%s is not writable (%s); run as root",
				  path, strerror(-fd));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno;
	close(fd);
	return reason_skip(why, -EOPNOTSUPP, "%s is not ours to change now (%s)",
			  path, strerror(err));
}

int setting_probe(const char *path, struct reason *why)
{
	int fd = lock(path, why);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* The descriptor stays open: see the head of this file. */
int setting_take(const char *path, struct reason *why)
{
	char value[64];
	int fd = lock(path, why), len;

	if (fd < 0)
		return fd;
	len = host_read(path, value, sizeof(value));
	if (len < 0)
		return reason_set(why, len, "cannot read %s: %s", path,
				  strerror(-len));
	return host_push_write(path, value, why);
}
