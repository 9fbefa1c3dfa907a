/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include <stddef.h>

/*
 * Files on their way into the results store.  They are written to a hidden
 * directory inside it and moved to their places by store_commit(), so a run
 * that fails half-way leaves nothing that looks like a result.
 */
struct store {
	char root[512];		/* the results store */
	char stage[600];	/* the hidden directory, or empty */
};

/* All return 0 or -errno. */
int store_open(struct store *s, const char *root);
int store_put(struct store *s, const char *name, const void *data, size_t n);
/* Copy a file that exists; one that does not is skipped. */
int store_copy(struct store *s, const char *name, const char *path);
int store_commit(struct store *s);
/* Remove what was not committed. */
void store_close(struct store *s);

/* Is there a record of any host below the run's directory? */
int store_has_records(const char *run_dir);

/* mkdir -p; 0 or -errno. */
int make_dirs(const char *path);
/* rm -rf, errors ignored. */
void remove_tree(const char *path);
/* Write a whole file; 0 or -errno. */
int write_file(const char *path, const void *data, size_t n);
/* Append the file @src to the open file @fd; 0 or -errno. */
int append_file(int fd, const char *src);

#endif
