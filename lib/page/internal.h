/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the sections of the page; private to this folder. */
#ifndef MMUBENCH_PAGE_INTERNAL_H
#define MMUBENCH_PAGE_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "record/recread.h"

#define PAGE_MAX_PLACES	64u

struct page {
	FILE *out;
	const char *run;		/* directory */
	const char *baseline;		/* or NULL */
	struct recset set;
	const char *places[PAGE_MAX_PLACES];
	unsigned int nr_places;
	json_t *hosts[PAGE_MAX_PLACES];	/* host.json of a place, or NULL */
};

/* html.c: @text with what HTML takes for syntax escaped. */
void page_text(struct page *p, const char *text);
/* One cell: <td class=@class>@text</td>; no class if NULL. */
void page_cell(struct page *p, const char *class, const char *text);
/* A section's heading, with an anchor for the list of contents. */
void page_head(struct page *p, const char *anchor, const char *title);
/* A paragraph of escaped text. */
void page_para(struct page *p, const char *class, const char *text);
/* The style sheet, in its element. */
void page_style(struct page *p);

/* place.c: the records of place @at: [*first, *end) of p->set.v. */
void page_records(const struct page *p, unsigned int at, size_t *first,
		  size_t *end);
/* The environment that a place's records hold, or NULL. */
const json_t *page_env(const struct page *p, unsigned int at);

/* The sections, one file each. */
void page_verdict(struct page *p);	/* results.c */
void page_invariants(struct page *p);	/* results.c */
void page_figures(struct page *p);	/* figures.c */
void page_machines(struct page *p);	/* machine.c */
void page_features(struct page *p);	/* features.c */
void page_pictures(struct page *p);	/* pictures.c */

#endif
