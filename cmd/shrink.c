// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is the least that violates what a stress run has violated?
 *
 * Method: run the case again and again, each time with fewer stressors (delta
 * debugging, suspects first), then with fewer vCPUs, hands and bytes, then for a
 * shorter time.  A smaller run that violates the same judge is gone on with.  A
 * candidate is tried several times with different seeds, because most violations
 * are races.  At the end the command is run as it is printed.
 *
 * It cannot tell a stressor that is needed from one without which the violation
 * became rare; a kernel that warns only once since boot cannot be asked again.
 */
#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ddmin.h"
#include "base/launch.h"
#include "base/outfile.h"
#include "base/timing.h"
#include "bench/supervise.h"
#include "record/schedule.h"
#include "stress.h"

#define MAX_WORDS 128
/* Chosen: what a violation that took at_s seconds gets, within limits. */
#define TIMES_LONGER 4
#define LEAST_S	     2
#define MOST_S	     15
#define SOON_S 1.25	/* when a first candidate is expected to violate */
#define TRIES 2
#define FEW 3 /* stressors: more of them are looked at twice */
#define MAX_ASKED 512
#define SLACK_S	     90 /* beside its run: set-up, judges, a hang */

struct hunt {
	const struct stressed *s;
	const char *reproducer;	/* file for a program, or "" */
	const struct program *program;
	json_t *least; /* options of the least that violated so far */
	double at_s;   /* and when that did */
	char dir[40];
	uint64_t begin_ns, end_ns;
	unsigned int nr_runs, tries;
	int signal;
	bool has_less;		/* a candidate has violated */
	uint64_t asked[MAX_ASKED];	/* sets of stressors */
	unsigned int nr_asked;
};

static bool is_enough(void *arg)
{
	const struct hunt *h = arg;

	return h->signal || timing_now_ns() >= h->end_ns;
}

/* ---- one run ----------------------------------------------------------------- */

static void sweep(const struct hunt *h)
{
	static const char *const ends[] = { ".jsonl", SCHEDULE_SUFFIX };
	char path[400];
	unsigned int i;

	/* A record of before would be taken for one of now. */
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s%s", h->dir,
			 h->s->rec->case_name, ends[i]);
		unlink(path);
	}
}

/* Does that record tell of the same violation, and when? */
static bool is_same(const struct hunt *h, const char *path, double *at_s)
{
	struct stressed again;
	struct reason why;
	bool same;

	if (stressed_read(path, &again, &why))
		return false;
	same = !strcmp(again.judge, h->s->judge);
	*at_s = again.at_s;
	stressed_free(&again);
	return same;
}

/* Run the case with @options. Does it violate the same? */
static bool run_once(struct hunt *h, const json_t *options, double *at_s)
{
	char *words[MAX_WORDS] = { NULL }, path[400];
	struct supervise s = {
		.argv = words,
		.dir = h->dir,
		.case_name = h->s->rec->case_name,
	};
	struct supervised end = { 0 };
	struct reason why;
	int n = 0, err;

	s.timeout_s = SLACK_S +
		      json_number_value(json_object_get(options, "seconds"));
	words[n++] = strdup(h->program->path);
	stressed_words(options, words, &n, MAX_WORDS - 6);
	words[n++] = strdup("--case");
	words[n++] = strdup(s.case_name);
	words[n++] = strdup("--results");
	words[n++] = strdup(h->dir);
	words[n++] = strdup("--in-process");
	sweep(h);
	err = supervise_case(&s, &end, &why);
	while (n)
		free(words[--n]);
	h->nr_runs++;
	h->signal = end.signal;
	snprintf(path, sizeof(path), "%s/%s.jsonl", h->dir, s.case_name);
	return !err && end.verdict == VERDICT_FAIL && is_same(h, path, at_s);
}

static void set_real(json_t *o, const char *name, double value)
{
	json_object_set_new(o, name, json_real(value));
}

static json_int_t get_int(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* Long enough for what was seen so far. */
static double patience(const struct hunt *h)
{
	double s = ceil(h->at_s * TIMES_LONGER + 1);

	return s < LEAST_S ? LEAST_S : s > MOST_S ? MOST_S : s;
}

/*
 * Several tries, each with another seed; the candidate (stolen) becomes the
 * least if it violates.
 */
static bool try_options(struct hunt *h, json_t *candidate, unsigned int tries)
{
	json_int_t seed = get_int(h->least, "seed");
	double at_s = 0;
	unsigned int i;

	set_real(candidate, "seconds", patience(h));
	for (i = 0; i < tries && !is_enough(h); i++) {
		json_object_set_new(candidate, "seed", json_integer(seed + i));
		if (!run_once(h, candidate, &at_s))
			continue;
		json_decref(h->least);
		h->least = candidate;
		h->at_s = at_s;
		h->has_less = true;
		return true;
	}
	json_decref(candidate);
	return false;
}

/* ---- stressors --------------------------------------------------------------- */

/* The mix of those in @set, weighed as in the first run. */
static void print_mix(const struct hunt *h, uint64_t set, char *text,
		      size_t size)
{
	const json_t *mix = json_object_get(h->s->rec->run, "mix");
	size_t len = 0;
	unsigned int i;

	snprintf(text, size, "none");
	for (i = 0; i < h->s->nr_suspects && len < size; i++) {
		const char *name = h->s->suspects[i];
		json_int_t weight = get_int(mix, name);

		if (set >> i & 1)
			len += snprintf(text + len, size - len, "%s%s=%d",
					len ? "," : "", name,
					weight > 0 ? (int)weight : 1);
	}
}

static bool was_asked(struct hunt *h, uint64_t set)
{
	unsigned int i;

	for (i = 0; i < h->nr_asked; i++)
		if (h->asked[i] == set)
			return true;
	if (h->nr_asked < MAX_ASKED)
		h->asked[h->nr_asked++] = set;
	return false;
}

static bool set_violates(void *arg, uint64_t set)
{
	json_t *candidate;
	struct hunt *h = arg;
	char mix[2048];
	bool yes;

	/* What had violated is not asked about again. */
	if (was_asked(h, set))
		return false;
	print_mix(h, set, mix, sizeof(mix));
	candidate = json_copy(h->least);
	json_object_set_new(candidate, "mix", json_string(mix));
	yes = try_options(h, candidate, h->tries);
	fprintf(stderr, "shrink: %d of %u stressors, %s: %s\n",
		__builtin_popcountll(set), h->s->nr_suspects, mix,
		yes ? "violates" : "does not");
	return yes;
}

/*
 * In a second pass, with more tries, what was kept by chance has to go; and do
 * guests violate it alone?  False: nothing less violates it, as far as seen.
 */
static bool fewest_stressors(struct hunt *h)
{
	const struct ddmin d = {
		.does = set_violates, .is_enough = is_enough, .arg = h,
	};
	unsigned int nr = h->s->nr_suspects;
	uint64_t set = nr < 64 ? (1ull << nr) - 1 : ~0ull;

	set = ddmin_suspects(&d, set);
	if (__builtin_popcountll(set) > FEW) {
		h->nr_asked = 0;
		h->tries *= 2;
		set = ddmin(&d, set);
		h->tries = TRIES;
	}
	if (__builtin_popcountll(set) == 1 && !is_enough(h))
		set_violates(h, 0);
	return h->has_less;
}

/* ---- the rest ---------------------------------------------------------------- */

static void try_smaller(struct hunt *h, const char *name, json_int_t value)
{
	json_t *candidate;
	bool yes;

	if (get_int(h->least, name) <= value || is_enough(h))
		return;
	candidate = json_copy(h->least);
	json_object_set_new(candidate, name, json_integer(value));
	yes = try_options(h, candidate, TRIES);
	fprintf(stderr, "shrink: --%s=%" JSON_INTEGER_FORMAT ": %s\n", name,
		value, yes ? "violates" : "does not");
}

static void smallest_run(struct hunt *h)
{
	try_smaller(h, "vcpus", 1);
	try_smaller(h, "vcpus", 2);
	try_smaller(h, "hands", 1);
	try_smaller(h, "bytes", 64 << 10);
	try_smaller(h, "bytes", 1 << 20);
}

/* ---- the end ----------------------------------------------------------------- */

/* Exactly what is printed, but its records come here. */
static bool command_violates(struct hunt *h)
{
	char *words[MAX_WORDS] = { NULL }, path[400];
	struct launch l = { .argv = words };
	struct launch_end end = { 0 };
	struct reason why;
	double at_s;
	int n;

	n = reproducer_words(h->program, h->s->rec->case_name, h->least, words,
			     MAX_WORDS - 3);
	if (asprintf(&words[n], "--run-dir=%s", h->dir) >= 0)
		n++;
	words[n++] = strdup("--format=none");
	sweep(h);
	if (launch_run(&l, &end, &why))
		end.code = EXIT_USAGE;
	while (n)
		free(words[--n]);
	h->nr_runs++;
	if (end.how == LAUNCH_INTERRUPTED)
		h->signal = end.code;
	snprintf(path, sizeof(path), "%s/%s/%s.jsonl", h->dir, place_name(),
		 h->s->rec->case_name);
	return end.how == LAUNCH_EXITED && end.code == EXIT_FAIL &&
	       is_same(h, path, &at_s);
}

/* The shortest time in which the command did it, doubled until it does. */
static bool shortest_run(struct hunt *h)
{
	double s = ceil(2 * h->at_s + 0.5);
	int i;

	/* Also when the time is over: what is printed was run. */
	for (i = 0; i < 4 && !h->signal; i++, s *= 2) {
		set_real(h->least, "seconds", s);
		if (command_violates(h))
			return true;
		fprintf(stderr, "shrink: for %.0f s: does not\n", s);
	}
	return false;
}

static unsigned int nr_stressors(const json_t *options)
{
	const char *mix = json_string_value(json_object_get(options, "mix"));
	unsigned int nr = 1;

	if (!mix || !strcmp(mix, "none"))
		return 0;
	for (; (mix = strchr(mix, ',')); mix++)
		nr++;
	return nr;
}

/* Have the stress program write down what the last command has done. */
static void write_program(const struct hunt *h)
{
	char *words[MAX_WORDS] = { NULL };
	struct launch l = { .argv = words };
	struct launch_end end;
	struct reason why;
	char quote[200];
	int n = 0;

	words[n++] = strdup(h->program->path);
	stressed_words(h->least, words, &n, MAX_WORDS - 8);
	words[n++] = strdup("--in-process");
	if (asprintf(&words[n], "--case=%s", h->s->rec->case_name) >= 0)
		n++;
	if (asprintf(&words[n], "--replay=%s/%s/%s" SCHEDULE_SUFFIX, h->dir,
		     place_name(), h->s->rec->case_name) >= 0)
		n++;
	if (asprintf(&words[n], "--reproducer=%s", h->reproducer) >= 0)
		n++;
	if (launch_run(&l, &end, &why)) {
		cmd_failed(&why);
	} else if (end.how != LAUNCH_EXITED || end.code) {
		launch_quote(end.tail, quote, sizeof(quote));
		cmd_error(0, "no program was written: %s", quote);
	}
	while (n)
		free(words[--n]);
}

/* Beside the record, for whoever finds it later. */
static void keep(const struct hunt *h, const char *text)
{
	const char *slash = strrchr(h->s->rec->path, '/');
	char dir[4096], name[300];
	struct reason why;

	snprintf(dir, sizeof(dir), "%.*s",
		 slash ? (int)(slash - h->s->rec->path) : 1,
		 slash ? h->s->rec->path : ".");
	snprintf(name, sizeof(name), "%s.reproducer", h->s->rec->case_name);
	if (outfile_write(dir, name, text, strlen(text), &why))
		cmd_failed(&why);
}

static void tell(const struct hunt *h)
{
	char *words[MAX_WORDS] = { NULL }, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int n, i;

	if (!out)
		return;
	n = reproducer_words(h->program, h->s->rec->case_name, h->least, words,
			     MAX_WORDS);
	fprintf(out,
		"%u of %u stressors violate '%s' in %.2f s (%u runs in %.0f s):\n",
		nr_stressors(h->least), h->s->nr_suspects, h->s->judge, h->at_s,
		h->nr_runs, (timing_now_ns() - h->begin_ns) / 1e9);
	if (strcmp(place_name(), "host"))
		fprintf(out, "mmubench lab run %s -- ", place_name());
	fputs("mmubench", out);
	for (i = 1; i < n; i++)
		fprintf(out, " %s", words[i]);
	fputc('\n', out);
	fclose(out);
	fputs(text, stdout);
	keep(h, text);
	free(text);
	while (n)
		free(words[--n]);
}

/* What is searched through is named, also where it is as usual. */
static json_t *least_options(const struct hunt *h)
{
	static const char *const searched[] = {
		"seed", "mix", "vcpus", "hands", "bytes", NULL
	};
	json_t *o = reproducer_options(h->program, h->s->options);
	unsigned int i;

	for (i = 0; searched[i]; i++)
		json_object_set(o, searched[i],
				json_object_get(h->s->options, searched[i]));
	return o;
}

static int search(struct hunt *h)
{
	h->least = least_options(h);
	fprintf(stderr, "shrink: %s violates '%s': %s\n", h->s->rec->case_name,
		h->s->judge, h->s->text);
	/* The fewer stressors, the sooner; all of them may take long. */
	h->at_s = h->s->at_s && h->s->at_s < SOON_S ? h->s->at_s : SOON_S;
	if (!fewest_stressors(h)) {
		h->at_s = h->s->at_s ? h->s->at_s : SOON_S;
		try_options(h, json_copy(h->least), TRIES);
	}
	if (h->has_less)
		smallest_run(h);
	if (!h->signal && shortest_run(h)) {
		tell(h);
		if (*h->reproducer)
			write_program(h);
		return EXIT_FAIL;
	}
	if (h->signal)
		return cmd_error(EXIT_SIGNAL + h->signal, "interrupted");
	printf("'%s' was not violated again in %u runs of %s\n", h->s->judge,
	       h->nr_runs, h->s->rec->case_name);
	return EXIT_PASS;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	return remove(path);
}

static int hunt(struct hunt *h, const struct scenarios *sc)
{
	struct reason why;
	sigset_t old;
	int code;

	h->program = stressed_program(sc, h->s, &why);
	if (!h->program)
		return cmd_failed(&why);
	if (!*h->s->judge)
		return cmd_error(
			EXIT_USAGE,
			"'%s' is of a run that passed; give one that failed",
			h->s->rec->path);
	strcpy(h->dir, "/tmp/mmubench-shrink-XXXXXX");
	if (!mkdtemp(h->dir))
		return cmd_error(EXIT_FAIL,
				 "cannot make a directory in /tmp: %s",
				 strerror(errno));
	launch_hold_signals(&old);
	code = search(h);
	sigprocmask(SIG_SETMASK, &old, NULL);
	nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	json_decref(h->least);
	return code;
}

int shrink(const char *path, double minutes, const char *reproducer)
{
	struct hunt h = { .begin_ns = timing_now_ns(), .tries = TRIES, .reproducer = reproducer };
	struct scenarios sc;
	struct stressed s;
	struct reason why;
	int code;

	h.end_ns = h.begin_ns + (uint64_t)(minutes * 60e9);
	h.s = &s;
	if (stressed_read(path, &s, &why))
		return cmd_failed(&why);
	code = scenarios_find(&sc, &why) ? cmd_failed(&why) : hunt(&h, &sc);
	scenarios_free(&sc);
	stressed_free(&s);
	return code;
}
