// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did it pass?  The verdict of the run in a band, its totals, what did not pass
 * and why; and each invariant that a case checked, with how often it held.
 */
#include <stdlib.h>
#include <string.h>

#include "record/verdict.h"
#include "internal.h"

static enum verdict run_verdict(const struct page *p, size_t n[4])
{
	enum verdict v = VERDICT_SKIP;
	size_t i;

	for (i = 0; i < p->set.nr; i++) {
		n[p->set.v[i]->verdict]++;
		v = verdict_both(v, p->set.v[i]->verdict);
	}
	return v;
}

static const char *sentence(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS: return "PASS: every case that this run could do held.";
	case VERDICT_FAIL: return "FAIL: the kernel or the harness misbehaved, see below.";
	case VERDICT_INVALID: return "INVALID: it ran, but some of its numbers cannot be trusted, see below.";
	default: return "SKIP: no case could run here, so nothing is known.";
	}
}

static void trouble_row(struct page *p, const struct record *r)
{
	fputs("<tr>", p->out);
	page_cell(p, verdict_name(r->verdict), verdict_name(r->verdict));
	page_cell(p, "c", r->place);
	page_cell(p, "c", r->case_name);
	page_cell(p, NULL, r->verdict_text ? r->verdict_text : "no reason given");
	fputs("</tr>\n", p->out);
}

static void troubles(struct page *p, const char *title, bool skipped)
{
	bool any = false;
	size_t i;

	for (i = 0; i < p->set.nr; i++) {
		const struct record *r = p->set.v[i];

		if (r->verdict == VERDICT_PASS ||
		    (r->verdict == VERDICT_SKIP) != skipped)
			continue;
		if (!any)
			fprintf(p->out, "<details%s><summary>%s</summary><div class=\"scroll\"><table>\n",
				skipped ? "" : " open", title);
		any = true;
		trouble_row(p, r);
	}
	if (any)
		fputs("</table></div></details>\n", p->out);
}

void page_verdict(struct page *p)
{
	size_t n[4] = { 0 };
	enum verdict v = run_verdict(p, n);
	char text[200];

	fprintf(p->out, "<p class=\"band %s\">", verdict_name(v));
	page_text(p, sentence(v));
	fputs("</p>\n", p->out);
	snprintf(text, sizeof(text),
		 "%zu passed, %zu failed, %zu invalid, %zu skipped, in %u place%s; begun %s",
		 n[VERDICT_PASS], n[VERDICT_FAIL], n[VERDICT_INVALID],
		 n[VERDICT_SKIP], p->nr_places, p->nr_places == 1 ? "" : "s",
		 p->set.v[0]->time);
	page_para(p, NULL, text);
	troubles(p, "What failed or cannot be trusted", false);
	troubles(p, "What was skipped, and why", true);
}

/* ---- invariants -------------------------------------------------------------- */

struct invariant {
	const char *name;
	const struct record *record;	/* the first that failed, or the last */
	const struct event *event;
	size_t held, broken;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct invariant *)a)->name,
		      ((const struct invariant *)b)->name);
}

static void add_check(struct invariant *v, size_t *nr, const struct record *r,
		      const struct event *e)
{
	size_t i;

	for (i = 0; i < *nr && strcmp(v[i].name, e->name); i++)
		;
	if (i == *nr) {
		v[(*nr)++] = (struct invariant){ .name = e->name };
		v[i].record = r;
		v[i].event = e;
	}
	if (!e->ok && !v[i].broken) {
		v[i].record = r;
		v[i].event = e;
	}
	v[i].held += e->ok;
	v[i].broken += !e->ok;
}

static void invariant_row(struct page *p, const struct invariant *i)
{
	char n[40];

	fputs("<tr>", p->out);
	page_cell(p, i->broken ? "fail" : "pass", i->broken ? "fail" : "pass");
	page_cell(p, "c", i->name);
	snprintf(n, sizeof(n), "%zu of %zu", i->held, i->held + i->broken);
	page_cell(p, "n", n);
	page_cell(p, "c", i->record->case_name);
	page_cell(p, NULL, i->event->text ? i->event->text : "");
	fputs("</tr>\n", p->out);
}

void page_invariants(struct page *p)
{
	struct invariant *v;
	size_t i, j, nr = 0, most = 0;

	for (i = 0; i < p->set.nr; i++)
		most += p->set.v[i]->nr_events;
	v = calloc(most ? most : 1, sizeof(*v));
	for (i = 0; v && i < p->set.nr; i++)
		for (j = 0; j < p->set.v[i]->nr_events; j++)
			if (p->set.v[i]->events[j].type == EVENT_CHECK)
				add_check(v, &nr, p->set.v[i],
					  &p->set.v[i]->events[j]);
	page_head(p, "invariants", "Invariants");
	page_para(p, "dim",
		  "What must hold on any sound MMU, in how many checks it did, and what one of them saw: the first that failed, else the first of all.");
	fputs("<div class=\"scroll\"><table><tr><th></th><th>invariant</th><th class=\"n\">held</th><th>case</th><th>seen</th></tr>\n",
	      p->out);
	if (nr)
		qsort(v, nr, sizeof(*v), by_name);
	for (i = 0; i < nr; i++)
		invariant_row(p, &v[i]);
	fputs("</table></div>\n", p->out);
	free(v);
}
