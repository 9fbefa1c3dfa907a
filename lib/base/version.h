/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of this build: "git describe" of the tree it was made from. */
#ifndef MMUBENCH_VERSION_H
#define MMUBENCH_VERSION_H

extern const char mmubench_version[];

#endif
