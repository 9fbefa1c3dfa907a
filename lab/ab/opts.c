// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which kernel is on which side of an A/B comparison?
 *
 * Makes two sets of options from the common ones and those that only `ab` has.
 * A side that names a kernel has nothing of the common one, neither its
 * modules nor the kernel itself; a head that names none has the base's.  What
 * cannot be meant is refused, because otherwise both sides could be the same
 * kernel and the verdict "no difference".  It cannot tell whether two files
 * are the kernels that the user takes them for; their versions are printed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/ab/internal.h"

#define S(m) .offset = offsetof(struct ab_side, m)
#define A(m) .offset = offsetof(struct ab_opts, m)

const struct opt ab_side_table[2][6] = {
	[BASE] = {
		{ .name = "base", .type = OPT_STRING, S(ksrc), .arg = "KSRC",
		  .help = "build the first side's kernel from this source" },
		{ .name = "base-bzimage", .type = OPT_STRING, S(bzimage),
		  .arg = "FILE",
		  .help = "or boot this kernel on the first side" },
		{ .name = "base-modules", .type = OPT_STRING, S(modules),
		  .arg = "DIR", .help = "with the modules in DIR" },
		{ .name = "base-kvm-modules",
		  .type = OPT_STRING, S(kvm_modules), .arg = "DIR",
		  .help = "with KVM's modules from DIR instead of its own" },
		{ .name = "base-append", .type = OPT_STRING, S(append),
		  .arg = "WORDS",
		  .help = "add words to the first side's kernel command line" },
		OPT_END
	},
	[HEAD] = {
		{ .name = "head", .type = OPT_STRING, S(ksrc), .arg = "KSRC",
		  .help = "build the second side's kernel from this source (without this and the next: the first side's kernel)" },
		{ .name = "head-bzimage", .type = OPT_STRING, S(bzimage),
		  .arg = "FILE",
		  .help = "or boot this kernel on the second side" },
		{ .name = "head-modules", .type = OPT_STRING, S(modules),
		  .arg = "DIR", .help = "with the modules in DIR" },
		{ .name = "head-kvm-modules",
		  .type = OPT_STRING, S(kvm_modules), .arg = "DIR",
		  .help = "with KVM's modules from DIR instead of its own" },
		{ .name = "head-append", .type = OPT_STRING, S(append),
		  .arg = "WORDS",
		  .help = "add words to the second side's kernel command line, such as kvm.eager_page_split=0" },
		OPT_END
	},
};

const char *const ab_formats[] = { "text", "json", NULL };

const struct opt ab_table[] = {
	{ .name = "repeats", .type = OPT_INT_AUTO, A(repeats), .arg = "N",
	  .def = "auto", .min = 1, .max = 99,
	  .help = "run each side N times in real time; auto runs once, with counted time" },
	{ .name = "again", .type = OPT_INT_AUTO, A(again), .arg = "N",
	  .def = "auto", .max = 99,
	  .help = "boot each side N more times for the cases that differ, to see what chance does; auto is 3" },
	{ .name = "floor", .type = OPT_STRING, A(floor), .arg = "PERCENT",
	  .help = "as in mmubench compare --help" },
	{ .name = "alpha", .type = OPT_STRING, A(alpha), .arg = "P",
	  .help = "as in mmubench compare --help" },
	{ .name = "tolerance", .type = OPT_STRING, A(tolerance),
	  .arg = "RELATIVE", .help = "as in mmubench compare --help" },
	{ .name = "format", .type = OPT_CHOICE, A(format),
	  .choices = ab_formats, .def = "text",
	  .help = "print the comparison in this format" },
	OPT_END
};

void ab_compare_words(const struct ab_opts *o, const char *format,
		      struct ab_words *w)
{
	const struct { const char *name, *value; } words[] = {
		{ "floor", o->floor }, { "alpha", o->alpha },
		{ "tolerance", o->tolerance }, { "format", format },
	};
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!*words[i].value)
			continue;
		snprintf(w->text[n], sizeof(w->text[n]), "--%s=%s",
			 words[i].name, words[i].value);
		w->v[n] = w->text[n];
		n++;
	}
	w->v[n] = NULL;
}

static bool names_kernel(const struct ab_side *s)
{
	return *s->ksrc || *s->bzimage;
}

/* What is common has a use if one side has; what a side has counts too. */
static const char *unused(const struct ab_plan *p)
{
	const struct ab_side *base = &p->opts->side[BASE];
	const struct ab_side *head = &p->opts->side[HEAD];
	bool base_is_built = *base->ksrc ||
			     !(*base->bzimage || *p->image->bzimage);
	struct image_opts all = *p->image;

	if (*head->ksrc || base_is_built)
		all.config.nr = 0;
	else if (*base->bzimage)
		all.bzimage = base->bzimage;
	for (int i = BASE; i <= HEAD; i++) {
		if (*p->opts->side[i].modules)
			all.modules = p->opts->side[i].modules;
		if (*p->opts->side[i].kvm_modules)
			all.kvm_modules = p->opts->side[i].kvm_modules;
	}
	return image_unused(&all);
}

static bool has_own_words(const struct ab_side *s)
{
	return *s->append || *s->modules || *s->kvm_modules;
}

static const char *refusal(const struct ab_plan *p)
{
	const struct ab_side *base = &p->opts->side[BASE];
	const struct ab_side *head = &p->opts->side[HEAD];
	const struct image_opts *o = p->image;

	if (p->task->command)
		return "ab compares the driver's results, so it takes words for mmubench run and no command";
	if (*p->report->run_dir)
		return "ab makes a directory of its own for both sides; say where with --results DIR, not --run-dir";
	if (*base->ksrc && *base->bzimage)
		return "the base has two kernels; give --base or --base-bzimage";
	if (*head->ksrc && *head->bzimage)
		return "the head has two kernels; give --head or --head-bzimage";
	if (names_kernel(base) &&
	    (*o->ksrc || *o->bzimage || *o->modules || *o->kvm_modules))
		return "the base names its own kernel, so --ksrc, --bzimage, --modules and --kvm-modules would be no side's; give them as --base-... and --head-...";
	if (!names_kernel(head) && !has_own_words(head) && !*base->append)
		return "ab needs a second side: --head KSRC, --head-bzimage FILE, --head-kvm-modules DIR or --head-append WORDS";
	if (p->opts->repeats > 0 && p->opts->again >= 0)
		return "--again is for counted time; with --repeats N every case runs N times";
	return unused(p);
}

int ab_check(const struct ab_plan *p, struct reason *why)
{
	const char *sentence = refusal(p);
	struct ab_words words;

	if (sentence)
		return reason_usage(why, -EINVAL, "%s", sentence);
	ab_compare_words(p->opts, "text", &words);
	return report_compare_check(p->places->build, words.v, why);
}

static void use_kernel(struct image_opts *out, const struct ab_side *s)
{
	if (names_kernel(s)) {
		out->bzimage = s->bzimage;
		out->modules = "";
		out->kvm_modules = "";
	}
	if (*s->ksrc)
		out->ksrc = s->ksrc;
	if (*s->modules)
		out->modules = s->modules;
	if (*s->kvm_modules)
		out->kvm_modules = s->kvm_modules;
}

void ab_side_opts(const struct ab_plan *p, int which, struct ab_side_opts *out)
{
	const struct ab_side *own = &p->opts->side[which];
	const char *common = p->run->append;

	out->image = *p->image;
	/* A head that names no kernel of its own has the base's. */
	if (which == HEAD && !names_kernel(own))
		use_kernel(&out->image, &p->opts->side[BASE]);
	use_kernel(&out->image, own);
	out->run = *p->run;
	snprintf(out->append, sizeof(out->append), "%s%s%s", common,
		 *common && *own->append ? " " : "", own->append);
	out->run.append = out->append;
	if (p->opts->repeats < 0)
		out->run.deterministic = true;
}
