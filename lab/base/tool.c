// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What did a program say that the lab asked?
 *
 * lib's launch_run() does the work: it sees to it that the program never
 * outlives the lab, and turns signals into an ending, which becomes lab_stop
 * here, as if the lab's own handler had seen the signal.  Emulators run beside
 * the lab and not to their end: see emu/proc.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/launch.h"
#include "lab/base/say.h"
#include "lab/base/tool.h"
#include "record/verdict.h"

static int launch(struct words *w, int out_fd, struct launch_end *end,
		  struct reason *why)
{
	struct launch l = { .argv = w->v, .out_fd = out_fd };
	char how[80];
	int ret;

	if (w->failed)
		return reason_set(why, -E2BIG, "too many words for %s",
				  w->nr ? w->v[0] : "a program");
	ret = launch_run(&l, end, why);
	if (ret)
		return ret;
	if (end->how == LAUNCH_EXITED)
		return end->code;
	if (end->how == LAUNCH_INTERRUPTED) {
		lab_stop = end->code;
		return reason_set(why, -EINTR,
				  "interrupted by signal %d while %s was at work",
				  end->code, basename(w->v[0]));
	}
	launch_describe(end, how, sizeof(how));
	return reason_set(why, -ECHILD, "%s %s", w->v[0], how);
}

int tool_judge(int ret, struct reason *why)
{
	if (ret <= 0)
		return ret;
	if (ret == EXIT_USAGE)
		return reason_usage(why, -EINVAL, "%s", "");
	return reason_set(why, -EIO, "%s", "");
}

int tool_run(struct words *w, int out_fd, struct reason *why)
{
	struct launch_end end;
	int ret = launch(w, out_fd, &end, why);

	words_free(w);
	return ret;
}

int tool_quiet(struct words *w, char *said, size_t size, struct reason *why)
{
	struct launch_end end = { .tail = "" };
	int ret = launch(w, 0, &end, why);

	launch_quote(end.tail, said, size);
	words_free(w);
	return ret;
}

/* The last line of @text that is not empty. */
static void last_line(const char *text, char *line, size_t size)
{
	size_t n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n)
			snprintf(line, size, "%.*s", (int)n, text);
	}
}

int tool_line(struct words *w, char *line, size_t size, struct reason *why)
{
	int fd = memfd_create("output", MFD_CLOEXEC), ret;
	char text[4096];
	ssize_t n;

	line[0] = '\0';
	if (fd < 0) {
		words_free(w);
		return reason_set(why, -errno, "no memory for a program's output");
	}
	ret = tool_run(w, fd, why);
	/* A few lines are more than any of them prints. */
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	last_line(text, line, size);
	close(fd);
	return ret;
}
