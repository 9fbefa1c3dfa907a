/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of a run or of a record. */
#ifndef MMUBENCH_UUID_H
#define MMUBENCH_UUID_H

#define UUID_TEXT 37	/* bytes of a UUID as text, with the final NUL */

/* A fresh UUID from the kernel. */
void uuid_make(char uuid[UUID_TEXT]);

#endif
