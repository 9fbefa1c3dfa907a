// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every picture of the run, each with a sentence on how to read it.
 *
 * The SVG files of RUN/plots are put into the page as they are, less what only
 * a file of its own needs, and with the names in them made unique: a page with
 * two pictures that both define "gpMarker" would draw one with the other's.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MAX_PICTURES	2000u
#define MAX_BYTES	(4u << 20)	/* of one picture; larger ones stay outside */

static const struct {
	const char *sign, *text;
} readings[] = {
	{ "-histogram", "How often each duration occurred. A second hill to the right is a second way to be served; its height is how often that happens." },
	{ "-percentiles", "Read up from a percentile to the duration that this share of samples stays below. A step is a rare slow path." },
	{ "-by-", "The median over the number on the x axis, with the middle half of the samples as bars. A straight line through the origin means that the cost is per unit." },
	{ "-over-", "One value per step of the x axis. A slope means that rounds are not alike." },
};

static const char *reading_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (strstr(name, readings[i].sign))
			return readings[i].text;
	return "";
}

static char *read_all(const char *path)
{
	char *text = malloc(MAX_BYTES + 1);
	FILE *f = fopen(path, "re");
	size_t len = 0;

	if (f && text)
		len = fread(text, 1, MAX_BYTES + 1, f);
	if (f)
		fclose(f);
	if (!len || len > MAX_BYTES) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

/* Does a name begin at @at that other pictures may have as well? */
static size_t shared_name(const char *at)
{
	static const char *const before[] = {
		"id=\"", "id='", "href=\"#", "href='#", "url(#"
	};
	unsigned int i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (!strncmp(at, before[i], strlen(before[i])))
			return strlen(before[i]);
	return 0;
}

/* From "<svg" on, names made unique by @number. Scripts have no place here. */
static bool write_svg(struct page *p, const char *text, unsigned int number)
{
	const char *at = strstr(text, "<svg");
	size_t len;

	if (!at || strstr(at, "<script"))
		return false;
	while (*at) {
		len = shared_name(at);
		if (len) {
			fprintf(p->out, "%.*sp%u-", (int)len, at, number);
			at += len;
		} else {
			fputc(*at++, p->out);
		}
	}
	return true;
}

static void picture(struct page *p, const char *dir, const char *name,
		    unsigned int number)
{
	char path[4600], *text;

	snprintf(path, sizeof(path), "%.4200s/%.255s", dir, name);
	text = read_all(path);
	fputs("<figure>", p->out);
	if (!text || !write_svg(p, text, number))
		page_para(p, "dim", "This picture cannot be shown here.");
	free(text);
	fputs("<figcaption><b>", p->out);
	page_text(p, name);
	fputs("</b> ", p->out);
	page_text(p, reading_of(name));
	fputs("</figcaption></figure>\n", p->out);
}

static int is_svg(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 &&
	       !strcmp(d->d_name + len - 4, ".svg");
}

/* One foldable group for each place and program: "host-dirty_log". */
static void begin_group(struct page *p, const char *name, size_t len, bool first)
{
	char group[256];

	snprintf(group, sizeof(group), "%.*s", (int)len, name);
	fprintf(p->out, "%s<details%s><summary>",
		first ? "" : "</div></details>\n", first ? " open" : "");
	page_text(p, group);
	fputs("</summary><div class=\"pics\">\n", p->out);
}

/* The pictures of a place are those whose names begin with it. */
static unsigned int place_pictures(struct page *p, const char *dir,
				   struct dirent *const *list, int nr,
				   const char *place, unsigned int shown)
{
	size_t place_len = strlen(place), len = 0;
	const char *last = NULL, *name;
	int i;

	for (i = 0; i < nr && shown < MAX_PICTURES; i++) {
		name = list[i]->d_name;
		if (strncmp(name, place, place_len) || name[place_len] != '-')
			continue;
		if (!last || strcspn(name, ".") != len ||
		    strncmp(name, last, len)) {
			len = strcspn(name, ".");
			begin_group(p, name, len, !shown);
		}
		picture(p, dir, name, shown++);
		last = name;
	}
	return shown;
}

void page_pictures(struct page *p)
{
	struct dirent **list = NULL;
	unsigned int at, shown = 0;
	char dir[4200];
	int i, nr;

	page_head(p, "pictures", "Pictures");
	snprintf(dir, sizeof(dir), "%.4096s/plots", p->run);
	nr = scandir(dir, &list, is_svg, alphasort);
	for (at = 0; at < p->nr_places && nr > 0; at++)
		shown = place_pictures(p, dir, list, nr, p->places[at], shown);
	if (shown)
		fputs("</div></details>\n", p->out);
	else
		page_para(p, "dim", "There are none: 'mmubench plot' draws them.");
	for (i = 0; i < nr; i++)
		free(list[i]);
	free(list);
}
