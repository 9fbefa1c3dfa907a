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

#include "lab/base/say.h"
#include "lab/emu/emu.h"

static void print_line(const char *who, const char *line, size_t n)
{
	lab_say("%s: | %.*s", who, (int)n, line);
}

/* Of an emulator's lines on its terminal those that complain. */
static bool complains(const char *line, size_t n)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s", (int)n, line);
	if (strstr(text, ">>PANIC<<") || strstr(text, "rror"))
		return true;
	/* Bochs: its time, the level e for error, the part that speaks. */
	return !strncmp(text + strspn(text, "0123456789"), "e[", 2) &&
	       !strstr(text, "bxevent_callback");
}

static void print_terminal(const char *who, const char *line)
{
	size_t n;

	for (; *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (complains(line, n))
			print_line(who, line, n);
	}
}

/* The lines of a file, if it exists, that contain @with. */
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

void emu_print_log(const char *who, const char *dir, const char *terminal)
{
	char path[900];

	snprintf(path, sizeof(path), "%s/" EMU_LOG, dir);
	print_lines(who, path, "");
	snprintf(path, sizeof(path), "%s/bochs.log", dir);
	print_lines(who, path, "PANIC");
	print_terminal(who, terminal);
}
