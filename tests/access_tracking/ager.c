// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which aging backend sees this guest, and what does it find?
 *
 * Method: candidates are tried in the registry's order.  A candidate must
 * call at least half of the memory young after the guest has written all of
 * it: kernels exist whose multi-gen LRU never asks KVM, and only trying
 * tells.
 *
 * Cannot tell: why a backend is blind.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "ager.h"

static const char *const auto_choice[] = { "auto", NULL };

const struct opt ager_opts[] = {
	{ .name = "aging", .type = OPT_STRING,
	  .offset = offsetof(struct ager_params, aging),
	  .choices = auto_choice, .registry = aging_members, .def = "auto",
	  .help = "page-aging interface; auto = the first that sees the guest" },
	OPT_END
};

/* May @ops serve under @name?  The null backend only when asked for. */
static bool is_candidate(const struct aging_ops *ops, const char *name,
			 unsigned int need_caps)
{
	if ((ops->caps & need_caps) != need_caps)
		return false;
	if (strcmp(name, "auto"))
		return !strcmp(ops->name, name);
	return ops->caps & AGING_REAL;
}

/* A SKIP's reason is short and fixed; what is missing goes into a note. */
static int missing(struct bench *b, const char *name,
		   const struct reason *what)
{
	rec_note(b->rec, "%s: %s", name, what->text);
	if (!aging_choose("auto", 0, NULL))
		return reason_skip(&b->why, -EOPNOTSUPP, AGING_NONE_REASON);
	return reason_skip(&b->why, -EOPNOTSUPP, "no %s interface", name);
}

int ager_enter(struct bench *b, const char *name, unsigned int need_caps)
{
	struct reason what;
	char path[512];
	bool wants_group = false;
	unsigned int i;
	int err;

	if (!aging_choose(name, need_caps, &b->why))
		return b->why.err;
	for (i = 0; aging_members[i]; i++) {
		const struct aging_ops *ops = aging_members[i];

		if (!is_candidate(ops, name, need_caps))
			continue;
		err = ops->probe(&what);
		if (err && strcmp(name, "auto"))
			return missing(b, name, &what);
		wants_group |= !err && ops->caps & AGING_NEEDS_CG;
	}
	if (!wants_group)
		return 0;
	err = host_push_memcg("aging", path, sizeof(path), &b->why);
	/* In auto mode another candidate may do without. */
	return err && strcmp(name, "auto") ? reason_was_probe(&b->why, err) : 0;
}

int ager_enter_wish(struct bench *b, const char *name, unsigned int *caps)
{
	int err = ager_enter(b, name, *caps);

	if (!err || b->why.ending != ENDING_SKIP)
		return err;
	*caps = 0;
	return ager_enter(b, name, 0);
}

/* Does the backend see that the guest has just written everything? */
static int prove(struct ager *a)
{
	int err = ager_pass_flush(a);

	if (!err)
		err = bench_populate(a->b);
	if (!err)
		err = ager_pass(a);
	if (err)
		return err;
	if (2 * a->res.young_pages >= a->span.nr_pages)
		return ager_pass_flush(a);
	return reason_skip(&a->b->why, -EOPNOTSUPP,
			   "aging backend '%s' saw %" PRIu64 " of %" PRIu64 " pages that the guest wrote: in this kernel it does not look at guests",
			   a->aging.ops->name, a->res.young_pages,
			   a->span.nr_pages);
}

static int try_backend(struct ager *a, struct bench *b,
		       const struct aging_ops *ops)
{
	int err;

	memset(a, 0, sizeof(*a));
	a->b = b;
	a->span = b->rig->mem;
	err = aging_open(&a->aging, ops, &b->why);
	if (err)
		return err;
	if (ops->caps & AGING_PER_PAGE)
		a->res.class_map = calloc(a->span.nr_pages, 1);
	if (!a->res.class_map && ops->caps & AGING_PER_PAGE)
		err = reason_set(&b->why, -ENOMEM, "no memory for a page map");
	if (!err && ops->caps & AGING_REAL)
		err = prove(a);
	if (err)
		ager_close(a);
	return err;
}

static void record_choice(struct bench *b, const struct aging_ops *ops)
{
	rec_line(b->rec, "run", json_pack("{s:s}", "aging", ops->name));
}

int ager_open(struct ager *a, struct bench *b, const char *name,
	      unsigned int need_caps)
{
	unsigned int i;
	int err = bench_populate(b), last = 0;

	for (i = 0; !err && aging_members[i]; i++) {
		const struct aging_ops *ops = aging_members[i];

		if (!is_candidate(ops, name, need_caps) || ops->probe(NULL))
			continue;
		err = try_backend(a, b, ops);
		if (!err) {
			ager_reset(a);
			record_choice(b, ops);
			return 0;
		}
		if (b->why.ending != ENDING_SKIP)
			return err;
		rec_note(b->rec, "%s", b->why.text);
		last = err;
		err = 0;
	}
	if (err || last)
		return err ? err : last;
	return reason_skip(&b->why, -EOPNOTSUPP, AGING_NONE_REASON);
}

int ager_open_null(struct ager *a, struct bench *b)
{
	const struct aging_ops *ops = aging_find("null", &b->why);

	return ops ? try_backend(a, b, ops) : b->why.err;
}

void ager_close(struct ager *a)
{
	if (a->aging.ops)
		aging_close(&a->aging);
	free(a->res.class_map);
	a->res.class_map = NULL;
}

/* ---- passes ---------------------------------------------------------------- */

static int pass(struct ager *a, struct reason *why)
{
	int err = aging_pass(&a->aging, &a->span, &a->res, why);

	if (err)
		return err;
	hist_add(&a->pass_ns, a->res.elapsed_ns);
	a->passes++;
	a->young_pages += a->res.young_pages;
	a->old_pages += a->res.old_pages;
	a->unknown_pages += a->res.unknown_pages;
	return 0;
}

int ager_pass(struct ager *a)
{
	return pass(a, &a->b->why);
}

int ager_pass_flush(struct ager *a)
{
	int err = pass(a, &a->b->why);

	return err ? err : rig_flush_tlbs(a->b->rig, &a->b->why);
}

void ager_reset(struct ager *a)
{
	hist_reset(&a->pass_ns);
	a->passes = a->young_pages = a->old_pages = a->unknown_pages = 0;
}

/* The agent's thread has its own reason, so b->why is left alone. */
static int agent_step(void *arg, struct reason *why)
{
	return pass(arg, why);
}

const struct agent_ops ager_agent = { .name = "ager", .step = agent_step };

void ager_record(struct ager *a, const char *name)
{
	rec_dist(a->b->rec, name, &a->pass_ns, "ns/page",
		 1.0 / a->span.nr_pages, BETTER_LOWER);
}

static int record_self(struct bench *b)
{
	struct ager *a = calloc(1, sizeof(*a));
	int i, err;

	if (!a)
		return reason_set(&b->why, -ENOMEM, "no memory");
	err = ager_open_null(a, b);
	for (i = 0; !err && i < 100; i++)
		err = ager_pass(a);
	if (!err)
		ager_record(a, "self.aging_null");
	ager_close(a);
	free(a);
	return err;
}

/* ---- what aging must not change --------------------------------------------- */

void ager_mappings(const struct bench *b, struct ager_mappings *m)
{
	static const char *const names[] = { "pages_4k", "pages_2m", "pages_1g" };
	struct kstat_snap *snap = kstat_snap(b->rig->kstat);
	int i;

	for (i = 0; i < 3; i++)
		m->pages[i] = kstat_value(snap, names[i]);
	kstat_snap_free(snap);
}

void ager_check_kept(struct bench *b, const struct ager_mappings *before)
{
	struct ager_mappings now;

	bench_check_content(b, "content_kept");
	if (!kstat_has(b->rig->kstat, "pages_2m"))
		return;
	ager_mappings(b, &now);
	rec_check(b->rec, "huge_mappings_kept",
		  now.pages[1] >= before->pages[1] &&
		  now.pages[2] >= before->pages[2],
		  "2M %" PRId64 " before and %" PRId64 " after, 1G %" PRId64 " and %" PRId64,
		  before->pages[1], now.pages[1], before->pages[2],
		  now.pages[2]);
}

int ager_finish(struct bench *b, const struct ager_mappings *before)
{
	int err = run_record_self_cost(b->run, &b->why) ?: record_self(b);

	if (!err)
		ager_check_kept(b, before);
	return err;
}

static bool param_on(const char *path)
{
	char text[8];

	return host_read(path, text, sizeof(text)) > 0 &&
	       (text[0] == 'Y' || text[0] == '1');
}

int ager_faults_per_page(void)
{
	if (host_exists("/sys/module/kvm_intel/parameters/ept")) {
		if (!param_on("/sys/module/kvm_intel/parameters/ept"))
			return -1;
		return !param_on("/sys/module/kvm_intel/parameters/eptad");
	}
	if (param_on("/sys/module/kvm_amd/parameters/npt"))
		return 0;
	return -1;
}
