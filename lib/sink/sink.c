// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of sinks and the loop that feeds them, see sink.h.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const struct sink_ops *const sink_members[] = {
	SINK_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct sink_ops);

const struct sink_ops *sink_find(const char *name, struct reason *why)
{
	return registry_find(sink_members, "format", name, why);
}

/* May block characters go to a terminal of this locale? */
static bool locale_utf8(void)
{
	locale_t all = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!all)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, all), "UTF-8");
	freelocale(all);
	return utf8;
}

static void write_record(struct sink *s, const struct record *r, size_t i)
{
	size_t e;

	if (s->ops->record_begin)
		s->ops->record_begin(s, r, i);
	for (e = 0; s->ops->event && e < r->nr_events; e++)
		s->ops->event(s, r, &r->events[e]);
	if (s->ops->record_end)
		s->ops->record_end(s, r, i);
}

int sink_write(const struct sink_ops *ops, const struct recset *set,
	       FILE *out, struct reason *why)
{
	struct sink s = {
		.ops = ops, .out = out, .set = set,
		.utf8 = locale_utf8(),
	};
	size_t i;

	if (ops->priv_bytes) {
		s.priv = calloc(1, ops->priv_bytes);
		if (!s.priv)
			return reason_set(why, -ENOMEM, "no memory for the report");
	}
	errno = 0;
	if (ops->begin)
		ops->begin(&s);
	for (i = 0; i < set->nr; i++)
		write_record(&s, set->v[i], i);
	if (ops->end)
		ops->end(&s);
	free(s.priv);
	if (fflush(out) || ferror(out)) {
		int err = errno ? errno : EIO;

		return reason_set(why, -err, "cannot write the report: %s",
				  strerror(err));
	}
	return 0;
}
