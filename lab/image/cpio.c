// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How does one run's command reach a host without packing everything anew?
 *
 * The kernel unpacks archives that follow one another, so the cached archive
 * is followed by a small one, written here, with this run's files.  Format:
 * the kernel's documentation of the initramfs buffer format; names and data
 * are padded to four bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/image/cpio.h"

static int put(int fd, const void *data, size_t n)
{
	static const char zero[4];
	size_t pad = (4 - n % 4) % 4;

	if (n && write(fd, data, n) != (ssize_t)n)
		return errno ? -errno : -ENOSPC;
	if (pad && write(fd, zero, pad) != (ssize_t)pad)
		return errno ? -errno : -ENOSPC;
	return 0;
}

static int entry(int fd, const char *name, unsigned int mode, const void *data,
		 size_t n)
{
	char head[110 + 256];
	int len, err;

	errno = 0;
	len = snprintf(head, sizeof(head),
		       "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s",
		       0u, mode, 0u, 0u, 1u, 0u, (unsigned int)n, 0u, 0u, 0u,
		       0u, (unsigned int)strlen(name) + 1, 0u, name);
	if (len < 0 || (size_t)len + 1 >= sizeof(head))
		return -ENAMETOOLONG;
	err = put(fd, head, len + 1);
	return err ? err : put(fd, data, n);
}

int cpio_add(int fd, const char *name, const void *data, size_t n)
{
	if (!data)
		return entry(fd, name, S_IFDIR | 0755, NULL, 0);
	return entry(fd, name, S_IFREG | 0755, data, n);
}

int cpio_end(int fd)
{
	return entry(fd, "TRAILER!!!", 0, NULL, 0);
}
