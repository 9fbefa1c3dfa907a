// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP version 1, as the kernel's tools read it: a subtest per place, in it a
 * line per record.
 *
 * A record that is INVALID is "not ok".  (Documentation/dev-tools/ktap.rst.)
 */
#include <string.h>

#include "internal.h"

struct ktap {
	size_t place, in_place;	/* numbers of the last lines */
	bool place_ok, place_ran;
};

static size_t records_from(const struct recset *set, size_t first)
{
	size_t i = first;

	while (i < set->nr && !strcmp(set->v[i]->place, set->v[first]->place))
		i++;
	return i - first;
}

static void ktap_begin(struct sink *s)
{
	size_t i, nr = 0;

	for (i = 0; i < s->set->nr; i += records_from(s->set, i))
		nr++;
	fprintf(s->out, "KTAP version 1\n1..%zu\n", nr);
}

static void ktap_record_begin(struct sink *s, const struct record *r, size_t i)
{
	struct ktap *k = s->priv;

	if (i && !strcmp(r->place, s->set->v[i - 1]->place))
		return;
	k->place++;
	k->in_place = 0;
	k->place_ok = true;
	k->place_ran = false;
	fprintf(s->out, "  KTAP version 1\n  # Subtest: %s\n  1..%zu\n",
		r->place, records_from(s->set, i));
}

static void one_line(struct sink *s, const char *text)
{
	for (; *text; text++)
		fputc(strchr("\n\r#", *text) ? ' ' : *text, s->out);
}

static void ktap_record_end(struct sink *s, const struct record *r, size_t i)
{
	bool ok = r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP;
	const char *why = r->verdict_text ? r->verdict_text : "no reason given";
	struct ktap *k = s->priv;

	if (!ok) {
		fputs("  # ", s->out);
		one_line(s, why);
		fputc('\n', s->out);
	}
	fprintf(s->out, "  %s %zu %s", ok ? "ok" : "not ok", ++k->in_place,
		r->case_name);
	if (r->verdict == VERDICT_SKIP) {
		fputs(" # SKIP ", s->out);
		one_line(s, why);
	}
	fputc('\n', s->out);
	k->place_ok &= ok;
	k->place_ran |= r->verdict != VERDICT_SKIP;
	if (i + 1 < s->set->nr && !strcmp(r->place, s->set->v[i + 1]->place))
		return;
	fprintf(s->out, "%s %zu %s%s\n", k->place_ok ? "ok" : "not ok", k->place,
		r->place, k->place_ran ? "" : " # SKIP no case could run here");
}

const struct sink_ops sink_ktap = {
	.name = "ktap",
	.summary = "KTAP version 1, a subtest per place",
	.priv_bytes = sizeof(struct ktap),
	.begin = ktap_begin,
	.record_begin = ktap_record_begin,
	.record_end = ktap_record_end,
};
