/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_CPIO_H
#define LAB_CPIO_H

#include <stddef.h>

/*
 * Append one file (or, with NULL data, one directory) to a "newc" archive at
 * the end of the open file @fd; all owned by root and dated 1970, so that the
 * same content gives the same bytes.  Both return 0 or -errno.
 */
int cpio_add(int fd, const char *name, const void *data, size_t n);
int cpio_end(int fd);

#endif
