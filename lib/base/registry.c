// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of a family by position and by name, see registry.h.
 *
 * A family's array holds pointers to structs of its own type; entries are
 * copied out as bytes, because their types are not known here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/registry.h"

const struct registry_head *registry_at(const void *members, unsigned int i)
{
	const struct registry_head *entry;
	unsigned int n;

	for (n = 0; n <= i; n++) {
		memcpy(&entry, (const char *)members + n * sizeof(entry),
		       sizeof(entry));
		if (!entry)
			return NULL;
	}
	return entry;
}

static void set_unknown(const void *members, const char *what,
			const char *name, struct reason *why)
{
	const struct registry_head *m;
	char list[200] = "", hint[60] = "";
	struct nearest meant;
	size_t len = 0;
	unsigned int i;

	nearest_begin(&meant, name);
	for (i = 0; (m = registry_at(members, i)); i++) {
		nearest_try(&meant, m->name);
		if (len < sizeof(list))
			len += snprintf(list + len, sizeof(list) - len, "%s%s",
					i ? ", " : "", m->name);
	}
	if (meant.name)
		snprintf(hint, sizeof(hint), " (did you mean '%s'?)", meant.name);
	reason_usage(why, -EINVAL, "there is no %s '%.40s'%s; choose one of %s",
		     what, name, hint, list);
}

const void *registry_find(const void *members, const char *what,
			  const char *name, struct reason *why)
{
	const struct registry_head *m;
	unsigned int i;

	for (i = 0; (m = registry_at(members, i)); i++)
		if (!strcmp(m->name, name))
			return m;
	set_unknown(members, what, name, why);
	return NULL;
}
