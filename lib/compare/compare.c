// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did anything get worse between two runs?  See compare.h.
 *
 * Method: the metrics of both sides side by side (metrics.c), each of them
 * judged (judge.c), then the verdicts of the cases.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

/* ---- verdicts of the cases ---------------------------------------------------- */

/* Worst verdict of @r's case in @set, NULL when the case is not there. */
static const struct record *worst(const struct recset *set,
				  const struct record *r)
{
	static const int order[] = {
		[VERDICT_PASS] = 0, [VERDICT_SKIP] = 1,
		[VERDICT_INVALID] = 2, [VERDICT_FAIL] = 3,
	};
	const struct record *found = NULL;
	size_t i;

	for (i = 0; i < set->nr; i++)
		if (!strcmp(set->v[i]->place, r->place) &&
		    !strcmp(set->v[i]->case_name, r->case_name) &&
		    (!found || order[set->v[i]->verdict] > order[found->verdict]))
			found = set->v[i];
	return found;
}

static int add_turn(struct comparison *c, const struct record *a,
		    const struct record *b)
{
	const struct record *any = a ? a : b;
	struct turn *t, *grown;

	grown = realloc(c->turns, (c->nr_turns + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->turns = grown;
	t = &grown[c->nr_turns++];
	t->place = any->place;
	t->case_name = any->case_name;
	t->from = a ? verdict_name(a->verdict) : "absent";
	t->to = b ? verdict_name(b->verdict) : "absent";
	t->text = b ? b->verdict_text : NULL;
	/* What passed must pass; a failure that failed before is no news. */
	t->worse = a ? a->verdict == VERDICT_PASS ||
		       (b && b->verdict == VERDICT_FAIL) :
		       verdict_exit_code(b->verdict) == EXIT_FAIL;
	if (b && b->verdict == VERDICT_PASS)
		t->worse = false;
	c->worse |= t->worse;
	return 0;
}

/* Is set->v[i] the first record of its case? */
static bool is_first(const struct recset *set, size_t i)
{
	return !i || strcmp(set->v[i]->place, set->v[i - 1]->place) ||
	       strcmp(set->v[i]->case_name, set->v[i - 1]->case_name);
}

static int compare_verdicts(struct comparison *c, const struct recset *a,
			    const struct recset *b)
{
	const struct record *in_a, *in_b;
	int ret = 0;
	size_t i;

	for (i = 0; i < a->nr && !ret; i++) {
		if (!is_first(a, i))
			continue;
		in_a = worst(a, a->v[i]);
		in_b = worst(b, a->v[i]);
		c->nr_cases += !!in_b;
		c->nr_passed += in_b && in_a->verdict == VERDICT_PASS &&
				in_b->verdict == VERDICT_PASS;
		if (!in_b || in_a->verdict != in_b->verdict)
			ret = add_turn(c, in_a, in_b);
	}
	for (i = 0; i < b->nr && !ret; i++)
		if (is_first(b, i) && !worst(a, b->v[i]))
			ret = add_turn(c, NULL, worst(b, b->v[i]));
	return ret;
}

/* ---- the whole ---------------------------------------------------------------- */

static void free_comparison(struct comparison *c)
{
	size_t i;

	for (i = 0; i < c->nr_metrics; i++) {
		free(c->metrics[i].a.v);
		free(c->metrics[i].b.v);
	}
	free(c->metrics);
	free(c->turns);
	free(c->mismatches);
	json_decref(c->index);
	json_decref(c->rounds[0]);
	json_decref(c->rounds[1]);
}

static int all_mismatched(const struct comparison *c, struct reason *why)
{
	const struct mismatch *m = &c->mismatches[0];

	return reason_usage(why, -EINVAL,
			    "no case ran with the same options on both sides: %.80s had a different %.40s (%s, then %s); run both sides alike",
			    m->case_name, m->option, m->a, m->b);
}

static int nothing_to_compare(struct reason *why)
{
	return reason_usage(why, -EINVAL,
			    "no case passed on both sides, so there are no figures to compare; look at them with mmubench show");
}

static int compare_sets(const struct recset *a, const struct recset *b,
			const struct compare_options *opts, FILE *out,
			struct reason *why)
{
	struct comparison c = { .opts = opts, .index = json_object(),
				.rounds = { json_object(), json_object() } };
	int ret;

	ret = compare_add_set(&c, a, NULL) ?: compare_add_set(&c, b, a) ?:
	      compare_fill_zeros(&c) ?:
	      compare_verdicts(&c, a, b) ?: judge_all(&c);
	if (ret)
		reason_set(why, ret, "no memory to compare '%s' and '%s'",
			   a->dir, b->dir);
	else if (!c.nr_cases)
		ret = reason_usage(why, -ENOENT,
				   "'%s' and '%s' have no case of the same place in common",
				   a->dir, b->dir);
	else if (c.nr_mismatches && !c.nr_metrics && !c.worse)
		ret = all_mismatched(&c, why);
	else if (!c.nr_passed && !c.nr_turns)
		ret = nothing_to_compare(why);
	else if (opts->format == COMPARE_JSON)
		compare_print_json(&c, out);
	else if (opts->format == COMPARE_CASES)
		compare_print_cases(&c, out);
	else
		compare_print_text(&c, out);
	if (!ret && (fflush(out) || ferror(out)))
		ret = reason_set(why, -EIO, "cannot write the comparison");
	if (!ret)
		ret = c.worse;
	free_comparison(&c);
	return ret;
}

int compare_runs(const char *a, const char *b,
		 const struct compare_options *opts, FILE *out,
		 struct reason *why)
{
	static const struct compare_options plain;
	struct recset set_a, set_b;
	int ret;

	ret = recset_load(&set_a, a, why);
	if (ret)
		return ret;
	ret = recset_load(&set_b, b, why);
	if (!ret) {
		ret = compare_sets(&set_a, &set_b, opts ? opts : &plain, out,
				   why);
		recset_free(&set_b);
	}
	recset_free(&set_a);
	return ret;
}
