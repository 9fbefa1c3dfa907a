// SPDX-License-Identifier: GPL-2.0-only
/* What stands on the page, in which order; see page.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "compare/compare.h"
#include "page/page.h"
#include "internal.h"

/* Records are ordered by place. */
static void find_places(struct page *p)
{
	char path[4200];
	json_error_t err;
	size_t i;

	for (i = 0; i < p->set.nr && p->nr_places < PAGE_MAX_PLACES; i++) {
		const char *place = p->set.v[i]->place;

		if (i && !strcmp(place, p->set.v[i - 1]->place))
			continue;
		snprintf(path, sizeof(path), "%.4000s/%.150s/host.json", p->run,
			 place);
		p->hosts[p->nr_places] = json_load_file(path, 0, &err);
		p->places[p->nr_places++] = place;
	}
}

static void contents(struct page *p)
{
	fputs("<nav><a href=\"#figures\">Figures</a><a href=\"#invariants\">Invariants</a>"
	      "<a href=\"#machines\">Machines</a><a href=\"#features\">KVM features</a>"
	      "<a href=\"#repeat\">Repeat</a><a href=\"#pictures\">Pictures</a></nav>\n",
	      p->out);
}

/* A word as a shell takes it: quoted unless it is plain. */
static void shell_word(struct page *p, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/=,:+@%";

	fputc(' ', p->out);
	if (*word && !word[strspn(word, plain)]) {
		page_text(p, word);
		return;
	}
	fputc('\'', p->out);
	for (; *word; word++) {
		char one[2] = { *word, '\0' };

		page_text(p, *word == '\'' ? "'\\''" : one);
	}
	fputc('\'', p->out);
}

static void repeat(struct page *p)
{
	unsigned int i;
	size_t at;
	json_t *word;

	page_head(p, "repeat", "Repeat");
	page_para(p, "dim",
		  "These commands run the same cases with the same sizes and seed. Emulated hosts need the lab: put 'lab run NAME' in place of 'run'.");
	fputs("<pre>", p->out);
	for (i = 0; i < p->nr_places; i++) {
		if (!p->hosts[i])
			continue;
		fputs("# ", p->out);
		page_text(p, p->places[i]);
		fputs("\nmmubench", p->out);
		json_array_foreach(json_object_get(p->hosts[i], "argv"), at, word)
			if (json_string_value(word))
				shell_word(p, json_string_value(word));
		fputc('\n', p->out);
	}
	fputs("</pre>\n", p->out);
}

static void comparison(struct page *p)
{
	struct compare_options o = { .floor_pct = 3, .format = COMPARE_TEXT };
	struct reason why = { "" };
	char *text = NULL;
	size_t size;
	FILE *to;
	int ret;

	if (!p->baseline)
		return;
	page_head(p, "baseline", "Against the baseline");
	page_para(p, "dim", p->baseline);
	to = open_memstream(&text, &size);
	ret = to ? compare_runs(p->baseline, p->run, &o, to, &why) : -ENOMEM;
	if (to)
		fclose(to);
	page_para(p, ret == 1 ? "fail" : ret ? "invalid" : "pass",
		  ret < 0 ? why.text : ret ? "Something got worse." :
		  "Nothing got worse.");
	fputs("<pre>", p->out);
	page_text(p, text ? text : "");
	fputs("</pre>\n", p->out);
	free(text);
}

static void write_page(struct page *p)
{
	const char *name = strrchr(p->run, '/');

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>mmubench: ",
	      p->out);
	page_text(p, name && name[1] ? name + 1 : p->run);
	fputs("</title>\n", p->out);
	page_style(p);
	fputs("</head><body>\n<h1>mmubench</h1>\n", p->out);
	page_para(p, "dim", name && name[1] ? name + 1 : p->run);
	page_verdict(p);
	contents(p);
	comparison(p);
	page_figures(p);
	page_invariants(p);
	page_machines(p);
	page_features(p);
	repeat(p);
	page_pictures(p);
	fputs("</body></html>\n", p->out);
}

int page_write(const char *run, const char *baseline, const char *dir,
	       const char *name, struct reason *why)
{
	struct page p = { .run = run, .baseline = baseline };
	char *text = NULL;
	size_t size = 0;
	unsigned int i;
	int err = recset_load(&p.set, run, why);

	if (err)
		return err;
	p.out = open_memstream(&text, &size);
	if (!p.out) {
		recset_free(&p.set);
		return reason_set(why, -ENOMEM, "no memory for the page");
	}
	find_places(&p);
	write_page(&p);
	err = ferror(p.out) ? -ENOMEM : 0;
	if (fclose(p.out) || err)
		err = reason_set(why, -ENOMEM, "no memory for the page");
	else
		err = outfile_write(dir, name, text, size, why);
	free(text);
	for (i = 0; i < p.nr_places; i++)
		json_decref(p.hosts[i]);
	recset_free(&p.set);
	return err;
}
