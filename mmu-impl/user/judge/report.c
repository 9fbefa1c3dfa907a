// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notes on what happened last, and the end of a run that broke a rule.
 *
 * With threads there is no order of notes worth showing; the race detector
 * and the rule's name have to do.
 */
#include <stdarg.h>
#include <unistd.h>
#include "judge/oracle.h"
#include "sim/witness.h"

#define NOTES 48

const char *oracle_phase = "start";
u64 oracle_seed;
bool oracle_verbose;

static char notes[NOTES][96];
static unsigned int note_at;

void oracle_note(const char *fmt, ...)
{
	unsigned int i = __atomic_fetch_add(&note_at, 1, __ATOMIC_RELAXED);
	va_list ap;

	if (task_mode == TASK_THREADS && !oracle_verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(notes[i % NOTES], sizeof(notes[0]), fmt, ap);
	va_end(ap);
	if (oracle_verbose)
		fprintf(stderr, "# [%d] %s\n", task_current->id,
			notes[i % NOTES]);
}

void complain(const char *file, int line, const char *fmt, ...)
{
	static int once;
	unsigned int i;
	va_list ap;

	if (__atomic_exchange_n(&once, 1, __ATOMIC_SEQ_CST))
		for (;;)
			pause();
	fprintf(stderr, "# VIOLATION in %s, task %d (%s), --seed %llu\n# ",
		oracle_phase, task_current ? task_current->id : -1,
		task_current && task_current->name ? task_current->name : "?",
		(unsigned long long)oracle_seed);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n# at %s:%d\n", file, line);
	for (i = note_at > NOTES ? note_at - NOTES : 0;
	     i < note_at && task_mode != TASK_THREADS; i++)
		fprintf(stderr, "#   %s\n", notes[i % NOTES]);
	fflush(NULL);
	_exit(1);
}
