// SPDX-License-Identifier: GPL-2.0-only
/*
 * How is a run written down as a program of its own?
 *
 * From parts, program/NAME.part: the head with the guest and what steps share,
 * one part for each stressor that the schedule names, a table of the steps that
 * it tells, and the tail with the judges and main().  The parts are C and are in
 * this program as text.
 *
 * The program takes the last steps of the schedule over and over, with other
 * draws from the second time on: a race needs more than one try.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "base/version.h"
#include "program.h"
#include "record/schedule.h"

#define MOST_STEPS 64u	/* in the table; chosen */
#define SECONDS 60u	/* that the program takes on a sound MMU; chosen */

/* In the order in which parts that use others' come after them. */
#define PARTS(M) \
	M(age) M(collapse) M(compact) M(discard) M(drop) M(eager) M(flush) \
	M(fork) M(gap) M(ksm) M(log) M(nx) M(pageout) M(poke) M(prefault) \
	M(protect) M(quota) M(remap) M(ring_reset) M(slot) M(slot_flags) \
	M(slot_move) M(slot_readonly) M(split) M(uffd)

#define EMBED(name) \
	asm(".pushsection .rodata\n" \
	    "part_" #name ": .incbin \"tests/stress/program/" #name ".part\"\n" \
	    ".byte 0\n" \
	    ".popsection\n"); \
	extern const char part_##name[];
#define ENTRY(name) { #name, part_##name },

EMBED(head)
EMBED(tail)
PARTS(EMBED)

static const struct part {
	const char *name, *text;
} parts[] = {
	PARTS(ENTRY)
};

static const struct part *find_part(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strcmp(parts[i].name, name))
			return &parts[i];
	return NULL;
}

/* The first event of the last MOST_STEPS steps, and who takes any of them. */
static size_t last_steps(const struct schedule *s, bool *taken)
{
	unsigned int nr = 0;
	size_t i = s->nr;

	while (i > 0 && nr < MOST_STEPS) {
		const struct schedule_event *e = &s->events[--i];

		if (e->what != SCHEDULE_BEGIN)
			continue;
		taken[e->agent] = true;
		nr += find_part(s->agents[e->agent]) != NULL;
	}
	return nr ? i : s->nr;
}

static void print_sizes(FILE *out, const struct world *w,
			const struct program_setup *p,
			const struct schedule *s)
{
	static const char *const logs[][2] = {
		{ "get", "GET_LOG" }, { "clear", "CLEAR_LOG" }, { "ring", "RING_LOG" },
	};
	const char *log = "NO_LOG";
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (p->log && !strcmp(p->log, logs[i][0]))
			log = logs[i][1];
	fprintf(out, "#define NR_VCPUS %uu\n#define NR_PAGES %uu\n",
		w->view.nr_vcpus, w->view.nr_pages);
	fprintf(out, "#define NR_HANDS %uu\n#define SEED %" PRIu64 "ull\n",
		s->nr_hands, w->view.seed);
	fprintf(out, "#ifndef SECONDS\n#define SECONDS %uu\n#endif\n", SECONDS);
	fprintf(out, "#define USE_THP %d\n#define USE_SHARED %d\n#define LOG %s\n#define LOG_ALL_SET %d\n\n",
		p->thp, p->is_shared, log, p->all_set);
}

static void print_parts(FILE *out, const struct schedule *s, const bool *taken)
{
	const struct part *part;
	unsigned int i;

	for (i = 0; i < s->nr_agents; i++) {
		part = taken[i] ? find_part(s->agents[i]) : NULL;
		if (part)
			fputs(part->text, out);
		else if (taken[i])
			fprintf(out, "/* Steps of '%s' are left out: they have no form outside of mmubench. */\n\n",
				s->agents[i]);
	}
}

static void print_steps(FILE *out, const struct schedule *s, size_t first)
{
	size_t i;

	fputs("static const struct {\n\tuint32_t hand;\n\tvoid (*fn)(uint64_t rng);\n\tuint64_t rng;\n} steps[] = {\n",
	      out);
	for (i = first; i < s->nr; i++) {
		const struct schedule_event *e = &s->events[i];

		if (e->what == SCHEDULE_BEGIN && find_part(s->agents[e->agent]))
			fprintf(out, "\t{ %u, step_%s, 0x%" PRIx64 "ull },\n",
				e->hand, s->agents[e->agent], e->rng);
	}
	fputs("};\n\n", out);
}

static void print_program(FILE *out, const struct world *w,
			  const struct program_setup *p,
			  const struct schedule *s, size_t first,
			  const bool *taken)
{
	fprintf(out, "// SPDX-License-Identifier: GPL-2.0-only\n"
		"/*\n"
		" * What is left of a violation that mmubench stress found in the case\n"
		" * %s: guests check their own memory while the host takes the steps of a\n"
		" * table.  It ends with an assertion on an MMU that is broken in that way, and\n"
		" * well after %u s on a sound one.  Written by mmubench %s; build it like\n"
		" * a test of tools/testing/selftests/kvm.\n"
		" */\n", p->case_name, SECONDS, mmubench_version);
	print_sizes(out, w, p, s);
	fputs(part_head, out);
	print_parts(out, s, taken);
	print_steps(out, s, first);
	fputs(part_tail, out);
}

static int store(const char *path, const char *text, size_t size,
		 struct reason *why)
{
	const char *slash = strrchr(path, '/');
	char dir[4096] = ".";

	if (slash)
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return outfile_write(*dir ? dir : "/", slash ? slash + 1 : path, text,
			     size, why);
}

int program_write(const struct world *w, const struct program_setup *p,
		  struct reason *why)
{
	bool taken[SCHEDULE_MAX_AGENTS] = { false };
	struct schedule s;
	char *text = NULL;
	size_t size = 0, first;
	FILE *out;
	int err;

	if (!*p->plan)
		return reason_usage(why, -EINVAL, "option --reproducer: the steps are those of a schedule; give one with --replay");
	err = schedule_read(p->plan, &s, why);
	if (err)
		return err;
	first = last_steps(&s, taken);
	out = open_memstream(&text, &size);
	if (first == s.nr)
		err = reason_skip(why, -EOPNOTSUPP, "the schedule has no step that can be taken outside of mmubench");
	else if (!out)
		err = reason_set(why, -ENOMEM, "no memory for the program");
	else
		print_program(out, w, p, &s, first, taken);
	if (out)
		fclose(out);
	if (!err)
		err = store(p->path, text, size, why);
	free(text);
	schedule_free(&s);
	return err;
}
