/* SPDX-License-Identifier: GPL-2.0-only */
/* Trees of small files in a temporary directory, to play a host. */
#ifndef MMUBENCH_FIXTURE_H
#define MMUBENCH_FIXTURE_H

/* Make an empty tree, and make it the root of lib/host. */
void fixture_begin(void);
/* Remove the tree; the live system is the root again. */
void fixture_end(void);
const char *fixture_dir(void);

/* Make the file (and the directories above it) with this text. */
void fixture_file(const char *path, const char *text);
/* The text of a file of the tree, in a static buffer; "" if it is missing. */
const char *fixture_text(const char *path);

#endif
