// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmubench: the driver's entry point, a table of commands.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/outfile.h"
#include "base/version.h"
#include "cmd.h"

const struct command commands[] = {
	{ "doctor", "[--json]", "check this host: what is found, why it matters, how to fix it", cmd_doctor },
	{ "list", "[--json] [PATTERN...]", "list the cases", cmd_list },
	{ "run", "[PATTERN...] [--profile NAME] [options]", "run cases and report", cmd_run },
	{ "stress", "[PATTERN...] [--minutes N] [-- run's options]", "run the stress cases for a given time, or a run of them again", cmd_stress },
	{ "show", "RUN [--format NAME]", "report a stored run", cmd_show },
	{ "plot", "RUN [--out DIR]", "draw the plots of a stored run", cmd_plot },
	{ "report", "RUN [--out FILE] [--baseline RUN]", "make one HTML page of a stored run", cmd_report },
	{ "compare", "RUN1 RUN2 [options]", "compare two stored runs, metric by metric", cmd_compare },
	{ "restore", "", "undo host settings that a killed run left changed", cmd_restore },
	{ "lab", "COMMAND...", "run cases on emulated hosts, see 'mmubench lab help'", cmd_lab },
	{ NULL }
};

int cmd_error(int code, const char *fmt, ...)
{
	va_list ap;

	fputs("mmubench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

int cmd_failed(const struct reason *why)
{
	return cmd_error(verdict_exit_code(verdict_of_ending(why->ending)),
			 "%s", why->text);
}

const struct command *cmd_find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

const char *cmd_bin_dir(void)
{
	static char dir[PATH_MAX];
	ssize_t len;

	if (*dir)
		return dir;
	len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (len <= 0)
		return ".";
	dir[len] = '\0';
	*strrchr(dir, '/') = '\0';
	return dir;
}

int cmd_parse(const struct command *cmd, const struct opt_set *sets,
	      unsigned int nr, int argc, char **argv, char **operands,
	      int *nr_operands)
{
	struct reason why;
	char *text;
	int ret;

	ret = opt_defaults(sets, nr, &why);
	if (!ret)
		ret = opt_parse(sets, nr, argc, argv, operands, nr_operands,
				&why);
	if (ret < 0)
		return cmd_failed(&why) + 1;
	if (!ret)
		return 0;
	text = opt_help(sets, nr, ret == 2);
	if (ret == 1)
		printf("usage: mmubench %s%s%s\n\n%s.\n\n", cmd->name,
		       *cmd->args ? " " : "", cmd->args, cmd->summary);
	fputs(text ? text : "", stdout);
	free(text);
	return EXIT_PASS + 1;
}

static int usage(FILE *out, int code)
{
	const struct command *c;

	fputs("usage: mmubench COMMAND [arguments]\n\n", out);
	for (c = commands; c->name; c++)
		fprintf(out, "  %-9s %s\n", c->name, c->summary);
	fputs("\nSee 'mmubench COMMAND --help' for the options of a command.\n"
	      "Exit status: 0 pass, 1 fail or invalid, 4 skipped, 64 usage error.\n",
	      out);
	return code;
}

static int unknown_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])], *near;
	const struct command *c;
	unsigned int n = 0;

	for (c = commands; c->name; c++)
		names[n++] = c->name;
	names[n] = NULL;
	near = nearest_name(name, names);
	if (near)
		return cmd_error(EXIT_USAGE,
				 "there is no command '%s'; did you mean '%s'?",
				 name, near);
	return cmd_error(EXIT_USAGE,
			 "there is no command '%s', see mmubench --help", name);
}

static int dispatch(int argc, char **argv)
{
	const struct command *c;
	bool is_help, is_version;

	if (argc < 2)
		return usage(stderr, EXIT_USAGE);
	if (!strcmp(argv[1], "help") && argc == 3 && cmd_find(argv[2]))
		return cmd_find(argv[2])->fn(2, (char *[]){ argv[2], "--help",
							    NULL });
	is_help = !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
		  !strcmp(argv[1], "help");
	is_version = !strcmp(argv[1], "--version");
	if ((is_help || is_version) && argc > 2)
		return cmd_error(EXIT_USAGE, "unexpected '%s' after %s",
				 argv[2], argv[1]);
	if (is_help)
		return usage(stdout, EXIT_PASS);
	if (is_version) {
		printf("mmubench %s\n", mmubench_version);
		return EXIT_PASS;
	}
	c = cmd_find(argv[1]);
	if (!c)
		return unknown_command(argv[1]);
	return c->fn(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int code = dispatch(argc, argv);
	struct reason why;

	/* What did not get out must not look like success. */
	if (outfile_flush_stdout(&why) && !code)
		return cmd_failed(&why);
	return code;
}
