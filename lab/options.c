// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which options does the lab take?
 *
 * One table is the parser and the help text; every word that is not in it
 * belongs to the run inside the host and is handed on as it is.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/ab/ab.h"
#include "lab/lab.h"
#include "lab/options.h"

enum opt_kind { FLAG, STRING, FILENAME, NUMBER, LIST, FILES, NAME_VALUE,
		ENV };

static const struct lab_opt {
	const char *name;	/* with its dashes */
	const char *arg;	/* of the value, or NULL */
	enum opt_kind kind;
	size_t off;
	const char *help;
} table[] = {
#define OPT(n, a, k, f, h) { n, a, k, offsetof(struct lab_opts, f), h }
	OPT("--results", "DIR", STRING, results,
	    "results store (default: results)"),
	OPT("--run-dir", "DIR", STRING, run_dir,
	    "add to this run's directory instead of making one"),
	OPT("--format", "NAME", STRING, format,
	    "report at the end, see mmubench run --help (default: summary)"),
	OPT("--ksrc", "KSRC", STRING, ksrc,
	    "kernel tree, tarball or version to build (default: $KSRC, else 6.12)"),
	OPT("--kernel-config", "FRAGMENT", LIST, config,
	    "more kernel options: a file, or kasan, lockdep, prove-mmu, ..."),
	OPT("--bzimage", "FILE", FILENAME, bzimage,
	    "boot this kernel unchanged instead of building one"),
	OPT("--modules", "DIR", FILENAME, modules,
	    "the kernel's modules; KVM's are loaded at boot"),
	OPT("--kvm-modules", "DIR", FILENAME, kvm_modules,
	    "load kvm.ko, kvm-amd.ko, kvm-intel.ko from DIR instead"),
	OPT("--add", "PATH", FILES, add,
	    "also pack this file or directory, under /add"),
	OPT("--env", "NAME=VALUE", ENV, env,
	    "environment of the command inside"),
	OPT("--host-set", "KEY=VALUE", NAME_VALUE, set,
	    "change a key of the host's block: cpus=4, memory=4096, ..."),
	OPT("--append", "WORDS", STRING, append,
	    "more words for the kernel command line"),
	OPT("--emulator-arg", "WORD", LIST, emulator_arg,
	    "one more word for the emulator, e.g. -s for QEMU's gdb server"),
	OPT("--initramfs", "FILE", FILENAME, initramfs,
	    "boot this archive instead of packing one"),
	OPT("--limit", "SECONDS", NUMBER, limit_s,
	    "end a host after this much wall time"),
	OPT("--jobs", "N", NUMBER, jobs,
	    "hosts that count instructions run at once, N of them (default: one a CPU)"),
	OPT("--deterministic", NULL, FLAG, deterministic,
	    "count instructions instead of time (bochs hosts always do)"),
	OPT("--logs-only", NULL, FLAG, logs_only,
	    "store the logs, not the files that come back"),
	OPT("--show-log", NULL, FLAG, show_log,
	    "show the host's kernel log on stderr"),
	OPT("--keep", NULL, FLAG, keep,
	    "keep the run's temporary files"),
};

void options_usage(FILE *f)
{
	fputs("usage: mmubench lab list\n"
	      "       mmubench lab run HOST[,HOST...] [options] [run's words]\n"
	      "       mmubench lab run HOST[,HOST...] [options] -- COMMAND [ARG...]\n"
	      "       mmubench lab shell HOST [options]\n"
	      "       mmubench lab ab [--base KSRC] --head KSRC [HOST[,HOST...]] [options] [run's words]\n"
	      "\n"
	      "HOST is a name from `list`, or `default` for all default hosts.\n"
	      "\n", f);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s", table[i].name,
			 table[i].arg ? " " : "",
			 table[i].arg ? table[i].arg : "");
		fprintf(f, "  %-26s %s\n", left, table[i].help);
	}
	fputs("\n", f);
	ab_usage(f);
}

static const struct lab_opt *find_opt(const char *word)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == n &&
		    !strncmp(table[i].name, word, n))
			return &table[i];
	return NULL;
}

static int bad_value(const struct lab_opt *opt, const char *val,
		     const char *want)
{
	lab_say("%s '%s': %s", opt->name, val, want);
	return -1;
}

static int add_to_list(struct list *list, const char *val)
{
	if (list->nr == MAX_LIST) {
		lab_say("an option is given more than %d times", MAX_LIST);
		return -1;
	}
	list->v[list->nr++] = val;
	return 0;
}

static int set_number(const struct lab_opt *opt, unsigned int *dst,
		       const char *val)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(val, &end, 10);
	if (!isdigit((unsigned char)*val) || *end || errno || !n ||
	    n > 1000000)
		return bad_value(opt, val, "not a number from 1 to 1000000");
	*dst = n;
	return 0;
}

/* It becomes a line of a shell script inside. */
static int env_name_ok(const char *val)
{
	size_t n = strspn(val, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && val[n] == '=' && !isdigit((unsigned char)*val);
}

static int set_opt(const struct lab_opt *opt, struct lab_opts *o,
		   const char *val)
{
	void *field = (char *)o + opt->off;

	switch (opt->kind) {
	case FLAG:
		*(int *)field = 1;
		return 0;
	case NUMBER:
		return set_number(opt, field, val);
	case NAME_VALUE:
		if (!strchr(val, '=') || *val == '=')
			return bad_value(opt, val, "not NAME=VALUE");
		return add_to_list(field, val);
	case ENV:
		if (!env_name_ok(val))
			return bad_value(opt, val,
					 "not NAME=VALUE with a NAME of letters, digits and '_'");
		return add_to_list(field, val);
	case FILENAME:
	case FILES:
		if (access(val, R_OK))
			return bad_value(opt, val, strerror(errno));
		if (opt->kind == FILES)
			return add_to_list(field, val);
		break;
	case LIST:
		return add_to_list(field, val);
	case STRING:
		break;
	}
	if (!*val)
		return bad_value(opt, val, "needs a value that is not empty");
	*(const char **)field = val;
	return 0;
}

int options_parse(struct lab_opts *o, struct ab_opts *ab, char **argv)
{
	const struct lab_opt *opt;
	const char *val, *eq;
	size_t kept = 0;
	int ret;

	for (size_t i = 0; argv[i]; i++) {
		if (!strcmp(argv[i], "--")) {
			o->command = &argv[i + 1];
			if (*o->command)
				break;
			lab_say("a command is missing behind --");
			return -1;
		}
		ret = ab ? ab_option(ab, argv, &i) : 0;
		if (ret < 0)
			return -1;
		if (ret)
			continue;
		opt = find_opt(argv[i]);
		if (!opt) {
			argv[kept++] = argv[i];
			continue;
		}
		eq = strchr(argv[i], '=');
		val = eq ? eq + 1 : NULL;
		if (!opt->arg && val)
			return bad_value(opt, val, "takes no value");
		if (opt->arg && !val)
			val = argv[++i];
		if (opt->arg && !val) {
			lab_say("%s needs a value: %s", opt->name, opt->arg);
			return -1;
		}
		if (set_opt(opt, o, val))
			return -1;
	}
	argv[kept] = NULL;
	o->run_args = argv;
	return 0;
}

const char *options_unused(const struct lab_opts *o)
{
	if (o->bzimage && o->ksrc)
		return "--bzimage boots a kernel that is built already, so --ksrc would do nothing; give one of the two";
	if (o->bzimage && o->config.nr)
		return "--bzimage boots a kernel that is built already, so --kernel-config would do nothing; leave it out, or name the kernel's source with --ksrc instead of --bzimage";
	if (o->initramfs && (o->add.nr || o->modules || o->kvm_modules))
		return "--initramfs boots an archive as it is, so --add, --modules and --kvm-modules would put nothing into it; leave them out, or pack it again with lab/image/initramfs.sh";
	return NULL;
}
