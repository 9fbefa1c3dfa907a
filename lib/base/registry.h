/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Families of plug-ins: how members are listed and found, the same for all.
 *
 * A family FAM has
 *   FAM/FAM.h        struct FAM_ops, which begins with a name and a summary,
 *                    and FAM_members[], NULL-terminated
 *   FAM/internal.h   the list of its members, FAM_MEMBERS
 *   FAM/NAME.c       one member each: const struct FAM_ops FAM_NAME
 *
 * The list declares the members and fills the array, so that a new member is
 * a file and a line.
 */
#ifndef MMUBENCH_REGISTRY_H
#define MMUBENCH_REGISTRY_H

#include <assert.h>
#include <stddef.h>

#include "base/reason.h"

/* Arguments for a list such as "#define FAM_MEMBERS(M) M(fam, one) M(fam, two)". */
#define REGISTRY_DECLARE(fam, name) extern const struct fam##_ops fam##_##name;
#define REGISTRY_ENTRY(fam, name) &fam##_##name,

/* What every ops struct begins with. */
struct registry_head {
	const char *name;
	const char *summary;	/* one line, for help texts */
};

#define REGISTRY_CHECK_HEAD(type)                                          \
	static_assert(offsetof(type, name) ==                              \
		      offsetof(struct registry_head, name) &&              \
		      offsetof(type, summary) ==                           \
		      offsetof(struct registry_head, summary),             \
		      "an ops struct begins with name and summary")

/* Entry @i of a family's array, or NULL past the last. */
const struct registry_head *registry_at(const void *members, unsigned int i);

/*
 * The member called @name.  If there is none, returns NULL, and @why names the
 * members and the one that was probably meant; @what is the family's word for
 * a member ("payload").
 */
const void *registry_find(const void *members, const char *what,
			  const char *name, struct reason *why);

#endif
