// SPDX-License-Identifier: GPL-2.0-only
/*
 * One test case, in this process: from its requirements to its record.
 *
 * Whatever the case returns becomes a verdict here, in one place.  A crash
 * or a hang is none of this file's business: the supervisor sees it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "bench/say.h"
#include "bench/supervise.h"
#include "bench/throttle.h"
#include "host/host.h"
#include "internal.h"

static json_t *argv_json(int argc, char **argv)
{
	json_t *words = json_array();
	int i;

	for (i = 0; i < argc; i++)
		json_array_append_new(words, json_string(argv[i]));
	return words;
}

static json_t *run_line(const struct bench_cmdline *c)
{
	const char *run = getenv("MMUBENCH_RUN");
	char boot[64] = "";
	json_t *line;

	host_read("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	line = json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}",
			 "program", c->prog->name,
			 "version", mmubench_version,
			 "boot_id", boot,
			 "seed", (json_int_t)c->p.seed,
			 "options", opt_json(c->sets + 1, c->nr_sets - 1),
			 "argv", argv_json(c->argc, c->argv));
	if (line && run)
		json_object_set_new(line, "run_uuid", json_string(run));
	return line;
}

static int meet_needs(struct bench *b, const struct bench_case *bc)
{
	if ((bc->flags & BENCH_NEEDS_2_VCPUS) && b->p.vcpus < 2)
		return reason_skip(&b->why, -EOPNOTSUPP,
				   "needs 2 vCPUs, see --vcpus");
	return 0;
}

/* A function that failed without a word left the reason of something older. */
static void mend_reason(struct reason *why, int err)
{
	if (why->err != err)
		reason_set(why, err, "%s", strerror(-err));
}

static int finish(const struct bench_cmdline *c, const struct bench_case *bc,
		  struct bench *b, int err)
{
	enum verdict v = VERDICT_PASS;
	const char *text = NULL;
	struct reason why;

	if (err) {
		mend_reason(&b->why, err);
		v = verdict_of_ending(b->why.ending);
		text = b->why.text;
	}
	if (v == VERDICT_USAGE) {
		rec_abort(b->rec);
		bench_say(c->prog->name, "%s: %s", bc->name, text);
		return EXIT_USAGE;
	}
	if (rec_close(b->rec, v, text, &v, &why)) {
		bench_say(c->prog->name, "%s: the record could not be kept: %s",
			  bc->name, why.text);
		return EXIT_FAIL;
	}
	if (v != VERDICT_PASS)
		bench_say(c->prog->name, "%s: %s: %s", bc->name,
			  verdict_name(v), text ? text : "see its record");
	return verdict_exit_code(v);
}

/* 0, or -errno with @b->why when nothing can be kept of this case. */
static int begin(const struct bench_cmdline *c, const struct bench_case *bc,
		 struct bench *b, const char *dir)
{
	json_t *run;
	int err;

	b->rec = rec_open(dir, bc->name, &b->why);
	if (!b->rec)
		return b->why.err;
	run = run_line(c);
	err = dir ? supervise_leave_word(dir, bc->name, run, &b->why) : 0;
	rec_line(b->rec, "run", run);
	rec_line(b->rec, "env", host_env_json());
	if (err)
		rec_abort(b->rec);
	return err;
}

int bench_run_case(const struct bench_cmdline *c, const struct bench_case *bc)
{
	const char *dir = *c->p.results ? c->p.results : NULL;
	struct bench b = { .p = c->p, .own = c->own };
	uint64_t throttled;
	int err;

	host_init();
	if (begin(c, bc, &b, dir)) {
		bench_say(c->prog->name, "%s", b.why.text);
		return verdict_exit_code(verdict_of_ending(b.why.ending));
	}
	err = meet_needs(&b, bc);
	throttled = throttle_count();
	if (!err)
		err = bc->fn(&b, bc);
	throttle_judge(b.rec, throttled);
	bench_rig_free(&b);
	host_pop_all();
	err = finish(c, bc, &b, err);
	if (dir)
		supervise_drop_word(dir, bc->name);
	return err;
}
