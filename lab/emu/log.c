// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What did the emulator itself say when it ended too soon?
 *
 * Prints its log files and, of what it wrote to its terminal, the lines that
 * complain: Bochs says there why it does not start, before its log is open.
 */
#include <stdio.h>
#include <string.h>

#include "lab/emu/emu.h"

static void print_line(const char *host, const char *line, size_t n)
{
	fprintf(stderr, "lab: %s: | %.*s\n", host, (int)n, line);
}

/* Of an emulator's lines on its terminal those that complain. */
static int complains(const char *line, size_t n)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s", (int)n, line);
	if (strstr(text, ">>PANIC<<") || strstr(text, "rror"))
		return 1;
	/* Bochs: its time, the level e for error, the part that speaks. */
	return !strncmp(text + strspn(text, "0123456789"), "e[", 2) &&
	       !strstr(text, "bxevent_callback");
}

static void print_terminal(const char *host, const char *line)
{
	size_t n;

	for (; *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (complains(line, n))
			print_line(host, line, n);
	}
}

static void print_lines(const char *who, const char *path, const char *with)
{
	FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, with))
			print_line(who, line, strcspn(line, "\n"));
	if (f)
		fclose(f);
}

void emu_print_file(const char *who, const char *path)
{
	print_lines(who, path, "");
}

void emu_print_log(const char *host, const char *dir, const char *terminal)
{
	char path[900];

	snprintf(path, sizeof(path), "%s/" EMU_LOG, dir);
	emu_print_file(host, path);
	snprintf(path, sizeof(path), "%s/bochs.log", dir);
	print_lines(host, path, "PANIC");
	print_terminal(host, terminal);
}
