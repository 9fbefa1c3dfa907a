/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"

/*
 * Files on their way into the results store.  They are written to a hidden
 * directory inside it and moved to their places by store_commit(), so a run
 * that fails half-way leaves nothing that looks like a result.
 */
struct store {
	char root[512];		/* the results store */
	char stage[600];	/* the hidden directory, or empty */
};

/* All return 0 or -errno with @why. */
int store_open(struct store *s, const char *root, struct reason *why);
int store_put(struct store *s, const char *name, const void *data, size_t n,
	      struct reason *why);
/* Copy a file that exists; one that does not is skipped. */
int store_copy(struct store *s, const char *name, const char *path,
	       struct reason *why);
int store_commit(struct store *s, struct reason *why);
/* Remove what was not committed. */
void store_close(struct store *s);

/* Is there a record of any host below the run's directory? */
bool store_has_records(const char *run_dir);

/* Remove a file or a directory with all that is in it; errors are ignored. */
void store_remove_tree(const char *path);
/* Append the file @src to the open file @fd; 0 or -errno. */
int store_append(int fd, const char *src);

#endif
