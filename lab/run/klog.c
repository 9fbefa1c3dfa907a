// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Did the host's kernel complain?
 *
 * Looks at each line of a kernel log for the words the kernel uses when it
 * finds itself at fault: WARN, BUG, oops, panic, lockdep, KASAN and its
 * relatives, RCU stalls, hung tasks, soft lockups.  The words count only at
 * the beginning of the message, behind the time stamp if there is one, because
 * harmless messages contain some of them further on.  What the kernel's log
 * level hides, this cannot see; nor can it tell a program that writes such a
 * line to the console from the kernel.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/say.h"
#include "lab/run/klog.h"

static const struct pattern {
	const char *begin;	/* the message begins with this ... */
	const char *also;	/* ... and contains this, if not NULL */
	const char *what;
} patterns[] = {
	{ "Kernel panic", NULL, "panic" },
	{ "WARNING:", NULL, "warning" },
	{ "BUG:", "KASAN", "KASAN report" },
	{ "BUG:", NULL, "bug" },
	{ "BUG ", "tainted", "slab report" },
	{ "BUG ", "Tainted", "slab report" },
	{ "kernel BUG at", NULL, "bug" },
	{ "Oops", NULL, "oops" },
	{ "general protection fault", NULL, "oops" },
	{ "Unable to handle", NULL, "oops" },
	{ "UBSAN:", NULL, "UBSAN report" },
	{ "KASAN:", NULL, "KASAN report" },
	{ "INFO: task", "blocked for more", "hung task" },
	{ "INFO: possible", NULL, "lockdep report" },
	{ "INFO: trying to register non-static key", NULL, "lockdep report" },
	{ "INFO: rcu", "stall", "RCU stall" },
	{ "rcu: INFO:", "stall", "RCU stall" },
	{ "watchdog: BUG:", NULL, "lockup" },
	{ "watchdog: Watchdog detected", NULL, "lockup" },
	{ "watchdog: CPU", "LOCKUP", "lockup" },
	{ "kmemleak:", "new suspected", "memory leak" },
	{ "DEBUG_LOCKS_WARN_ON", NULL, "lockdep report" },
	{ "refcount_t:", NULL, "reference count" },
	{ "list_add corruption", NULL, "list corruption" },
	{ "list_del corruption", NULL, "list corruption" },
	{ "Out of memory: Killed", NULL, "out of memory" },
};

/*
 * Behind "<4>", "[   12.345678] " and "[   12.345678][  T123] ".  A kernel
 * without time stamps (printk.time=0) begins with the message.
 */
static const char *message(const char *line)
{
	const char *p = line, *end;

	if (*p == '<' && strchr(p, '>'))
		p = strchr(p, '>') + 1;
	while (*p == '[') {
		end = strchr(p, ']');
		if (!end)
			return p;
		p = end + 1;
	}
	while (*p == ' ')
		p++;
	return p;
}

/* "invalid opcode: 0000 [#1] SMP": any trap's name, its error code, a count. */
static int is_oops(const char *msg)
{
	const char *mark = strstr(msg, " [#");

	if (!mark || !isdigit((unsigned char)mark[3]) || mark - msg < 7)
		return 0;
	for (int i = 1; i <= 4; i++)
		if (!isxdigit((unsigned char)mark[-i]))
			return 0;
	return mark[-5] == ' ' && mark[-6] == ':';
}

const char *klog_alarm(const char *line)
{
	const char *msg = message(line);

	if (is_oops(msg))
		return "oops";
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const struct pattern *p = &patterns[i];

		if (!strncmp(msg, p->begin, strlen(p->begin)) &&
		    (!p->also || strstr(msg, p->also)))
			return p->what;
	}
	return NULL;
}

/* Does the line contain one of the blank-separated words? */
static int is_excused(const char *words, const char *line)
{
	char word[128];
	size_t n;

	while (words && *words) {
		n = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		if (n && strstr(line, word))
			return 1;
		words += n + (words[n] == ' ');
	}
	return 0;
}

static void finish_line(struct klog *k)
{
	const unsigned int nr = sizeof(k->tail) / sizeof(k->tail[0]);
	const char *what;

	while (k->len && k->line[k->len - 1] == '\r')
		k->len--;
	k->line[k->len] = '\0';
	k->len = 0;
	if (!k->line[0])
		return;
	snprintf(k->tail[k->nr_lines++ % nr], sizeof(k->tail[0]), "%.255s",
		 k->line);
	what = klog_alarm(k->line);
	if (!what || is_excused(k->tolerate, k->line))
		return;
	if (!strcmp(what, "panic"))
		k->panic = 1;
	if (!k->nr_alarms++)
		snprintf(k->alarm, sizeof(k->alarm), "%.511s", k->line);
}

void klog_feed(struct klog *k, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || k->len == sizeof(k->line) - 1)
			finish_line(k);
		if (bytes[i] != '\n')
			k->line[k->len++] = bytes[i] ? bytes[i] : '?';
	}
}

void klog_print_tail(const struct klog *k, const char *name)
{
	const unsigned int nr = sizeof(k->tail) / sizeof(k->tail[0]);
	unsigned int i = k->nr_lines > nr ? k->nr_lines - nr : 0;

	if (!k->nr_lines)
		lab_say("%s: the kernel log is empty", name);
	for (; i < k->nr_lines; i++)
		lab_say("%s: | %s", name, k->tail[i % nr]);
}
