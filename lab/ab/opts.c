// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which kernel is on which side of an A/B comparison?
 *
 * Parses the options that only `ab` has and makes two sets of the lab's
 * options from them.  A side that names a kernel has nothing of the common
 * one, neither its modules nor itself; a head that names none has the base's.
 * What cannot be meant is refused, for else both sides may be the same kernel
 * and the verdict "no difference".  It cannot tell whether two files are the
 * kernels that somebody takes them for; their versions are printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ab/ab.h"
#include "lab/options.h"

enum ab_kind { SIDE_WORD, REPEATS, AGAIN, COMPARE, FORMAT };

static const struct ab_opt {
	const char *name, *arg, *help;
	enum ab_kind kind;
	int side;
	size_t off;
} table[] = {
#define SIDE(n, a, s, f, h) \
	{ n, a, h, SIDE_WORD, s, offsetof(struct ab_side, f) }
	SIDE("--base", "KSRC", BASE, ksrc, "kernel source of the first side"),
	SIDE("--base-bzimage", "FILE", BASE, bzimage, "or its built kernel"),
	SIDE("--base-modules", "DIR", BASE, modules, "and its modules"),
	SIDE("--base-kvm-modules", "DIR", BASE, kvm_modules,
	     "and KVM's modules instead of its own"),
	SIDE("--base-append", "WORDS", BASE, append,
	     "kernel command line words for the first side only"),
	SIDE("--head", "KSRC", HEAD, ksrc, "the same for the second side;"),
	SIDE("--head-bzimage", "FILE", HEAD, bzimage,
	     "without these two: the first side's kernel"),
	SIDE("--head-modules", "DIR", HEAD, modules, ""),
	SIDE("--head-kvm-modules", "DIR", HEAD, kvm_modules, ""),
	SIDE("--head-append", "WORDS", HEAD, append,
	     "e.g. kvm.eager_page_split=0"),
	{ "--repeats", "N", "runs a side, in real time (default: 1, counted)",
	  REPEATS, 0, 0 },
	{ "--again", "N",
	  "more runs a side of what differs, to see what chance does (default: 3)",
	  AGAIN, 0, 0 },
	{ "--floor", "PERCENT", "these three: see mmubench compare --help",
	  COMPARE, 0, 0 },
	{ "--alpha", "P", "", COMPARE, 0, 0 },
	{ "--tolerance", "RELATIVE", "", COMPARE, 0, 0 },
	{ "--format", "text|json", "of the comparison", FORMAT, 0, 0 },
};

void ab_usage(FILE *f)
{
	fputs("ab's own options:\n", f);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", table[i].name,
			 table[i].arg);
		fprintf(f, "  %-26s %s\n", left, table[i].help);
	}
}

/* A number from @least to 99, or -1 and said why. */
static int number(const struct ab_opt *opt, const char *val, int least)
{
	char *end;
	long n = strtol(val, &end, 10);

	if (!*end && end != val && n >= least && n <= 99)
		return n;
	lab_say("%s '%s': not a number from %d to 99", opt->name, val, least);
	return -1;
}

static int set_option(struct ab_opts *ab, const struct ab_opt *opt,
		      const char *word, const char *val)
{
	char *copy;
	int n;

	switch (opt->kind) {
	case SIDE_WORD:
		*(const char **)(void *)((char *)&ab->side[opt->side] +
					 opt->off) = val;
		return 1;
	case REPEATS:
		n = number(opt, val, 1);
		ab->repeats = n < 0 ? 0 : n;
		return n < 0 ? -1 : 1;
	case AGAIN:
		ab->again = number(opt, val, 0);
		return ab->again < 0 ? -1 : 1;
	case FORMAT:
		ab->format = val;
		if (!strcmp(val, "text") || !strcmp(val, "json"))
			return 1;
		lab_say("--format '%s': ab prints text or json", val);
		return -1;
	case COMPARE:
		break;
	}
	if (ab->compare.nr == MAX_LIST - 1 ||
	    asprintf(&copy, "%.*s=%s", (int)strcspn(word, "="), word, val) < 0) {
		lab_say("too many options like %s", opt->name);
		return -1;
	}
	ab->compare.v[ab->compare.nr++] = copy;
	return 1;
}

int ab_option(struct ab_opts *ab, char **argv, size_t *i)
{
	size_t n = strcspn(argv[*i], "=");
	const char *word = argv[*i], *val;
	const struct ab_opt *opt = NULL;

	for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++)
		if (strlen(table[k].name) == n &&
		    !strncmp(table[k].name, word, n))
			opt = &table[k];
	if (!opt)
		return 0;
	val = word[n] ? word + n + 1 : argv[++*i];
	if (!val || !*val) {
		lab_say("%s needs a value: %s", opt->name, opt->arg);
		return -1;
	}
	return set_option(ab, opt, word, val);
}

static int names_kernel(const struct ab_side *s)
{
	return s->ksrc || s->bzimage;
}

/* What is common has a use if one side has; what a side has counts too. */
static const char *unused(const struct lab_opts *o, const struct ab_opts *ab)
{
	const struct ab_side *base = &ab->side[BASE], *head = &ab->side[HEAD];
	int base_is_built = base->ksrc || !(base->bzimage || o->bzimage);
	struct lab_opts all = *o;

	if (head->ksrc || base_is_built)
		all.config.nr = 0;
	else if (base->bzimage)
		all.bzimage = base->bzimage;
	for (int i = BASE; i <= HEAD; i++) {
		if (ab->side[i].modules)
			all.modules = ab->side[i].modules;
		if (ab->side[i].kvm_modules)
			all.kvm_modules = ab->side[i].kvm_modules;
	}
	return options_unused(&all);
}

static const char *refusal(const struct lab_opts *o, const struct ab_opts *ab)
{
	const struct ab_side *base = &ab->side[BASE], *head = &ab->side[HEAD];

	if (o->command)
		return "ab compares the driver's results, so it takes run's words and no command";
	if (o->run_dir)
		return "ab makes a directory of its own for both sides; say where with --results DIR, not --run-dir";
	if (base->ksrc && base->bzimage)
		return "the base has two kernels; give --base or --base-bzimage";
	if (head->ksrc && head->bzimage)
		return "the head has two kernels; give --head or --head-bzimage";
	if (names_kernel(base) &&
	    (o->ksrc || o->bzimage || o->modules || o->kvm_modules))
		return "the base names its own kernel, so --ksrc, --bzimage, --modules and --kvm-modules would be no side's; give them as --base-... and --head-...";
	if (!names_kernel(head) && !head->append && !head->modules &&
	    !head->kvm_modules && !base->append)
		return "ab needs a second side: --head KSRC, --head-bzimage FILE, --head-kvm-modules DIR or --head-append WORDS";
	if (ab->repeats && ab->again >= 0)
		return "--again is for counted time; with --repeats N every case runs N times";
	return unused(o, ab);
}

enum verdict ab_check(const struct lab_opts *o, const struct ab_opts *ab)
{
	const char *why = refusal(o, ab);

	if (why)
		lab_say("%s", why);
	return why ? USAGE :
		     report_compare_check(o, (char *const *)ab->compare.v);
}

static void use_kernel(struct lab_opts *out, const struct ab_side *s)
{
	if (names_kernel(s)) {
		out->bzimage = s->bzimage;
		out->modules = NULL;
		out->kvm_modules = NULL;
	}
	if (s->ksrc)
		out->ksrc = s->ksrc;
	if (s->modules)
		out->modules = s->modules;
	if (s->kvm_modules)
		out->kvm_modules = s->kvm_modules;
}

void ab_side_opts(const struct lab_opts *o, const struct ab_opts *ab,
		  int which, struct lab_opts *out, char *append, size_t size)
{
	const struct ab_side *own = &ab->side[which];

	*out = *o;
	/* A head that names no kernel of its own has the base's. */
	if (which == HEAD && !names_kernel(own))
		use_kernel(out, &ab->side[BASE]);
	use_kernel(out, own);
	snprintf(append, size, "%s%s%s", o->append ? o->append : "",
		 o->append && own->append ? " " : "",
		 own->append ? own->append : "");
	out->append = *append ? append : NULL;
	if (!ab->repeats)
		out->deterministic = 1;
}
