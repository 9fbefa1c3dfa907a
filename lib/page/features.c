// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which features of the MMU does each place advertise, which are switched on,
 * and which did this run see at work?
 *
 * Advertised: flags of /proc/cpuinfo, or a capability of KVM.  Switched on: a
 * parameter of a kvm module.  Observed: a counter of KVM that was not 0, or a
 * case that passed and needs it.  What the records do not tell is left empty.
 */
#include <stdio.h>
#include <string.h>

#include "record/verdict.h"
#include "internal.h"

struct feature {
	const char *title;
	const char *flags;	/* any of these CPU flags, with blanks around */
	const char *cap;	/* of env's kvm_caps */
	const char *params;	/* "module.parameter" words */
	const char *counter;	/* end of a counter's name */
	const char *cases;	/* part of a case's name */
	const char *option;	/* "name=number" of a passed case */
};

static const struct feature features[] = {
	{ .title = "two-dimensional paging (EPT, NPT)", .flags = " ept npt ",
	  .params = "kvm_intel.ept kvm_amd.npt" },
	{ .title = "TDP MMU", .params = "kvm.tdp_mmu" },
	{ .title = "Accessed and Dirty bits in EPT", .flags = " ept_ad ",
	  .params = "kvm_intel.eptad" },
	{ .title = "page modification log (PML)", .flags = " pml ",
	  .params = "kvm_intel.pml" },
	{ .title = "2 MiB pages", .flags = " ept npt ", .counter = ".pages_2m" },
	{ .title = "1 GiB pages", .flags = " pdpe1gb ept_1gb ",
	  .counter = ".pages_1g" },
	{ .title = "5-level paging for guests", .flags = " la57 ",
	  .option = "guest-levels=5" },
	{ .title = "dirty ring", .cap = "dirty_ring", .cases = ".ring" },
	{ .title = "manual protect of the dirty log", .cap = "manual_protect",
	  .cases = ".clear" },
	{ .title = "early split of large pages", .params = "kvm.eager_page_split" },
	{ .title = "NX huge pages and their recovery",
	  .params = "kvm.nx_huge_pages kvm.nx_huge_pages_recovery_ratio",
	  .counter = ".nx_lpage_splits" },
	{ .title = "guest_memfd", .cap = "guest_memfd", .cases = ".gmem" },
	{ .title = "memory attributes", .cap = "memory_attributes",
	  .cases = ".attributes" },
	{ .title = "pre-faulting", .cap = "pre_fault", .cases = ".prefault" },
	{ .title = "read-only memslots", .cap = "readonly_mem",
	  .cases = "readonly" },
};

static const char *advertised(const struct feature *f, const json_t *env)
{
	json_t *cap, *flag;
	char word[64];
	size_t i;

	if (f->cap) {
		cap = json_object_get(json_object_get(env, "kvm_caps"), f->cap);
		return !cap ? "" : json_integer_value(cap) > 0 ? "yes" : "no";
	}
	if (!f->flags)
		return "";
	json_array_foreach(json_object_get(json_object_get(env, "cpu"), "flags"),
			   i, flag) {
		snprintf(word, sizeof(word), " %.50s ", json_string_value(flag));
		if (strstr(f->flags, word))
			return "yes";
	}
	return "no";
}

/* "Y" or the number of each parameter that there is. */
static void enabled(const struct feature *f, const json_t *env, char *buf,
		    size_t size)
{
	const char *at = f->params;
	size_t len = 0;

	buf[0] = '\0';
	while (at && *at) {
		char module[40], param[60];
		const char *value;
		int used = 0;

		if (sscanf(at, "%39[^.].%59s%n", module, param, &used) != 2)
			return;
		at += used;
		at += *at == ' ';
		value = json_string_value(json_object_get(
			json_object_get(json_object_get(env, "kvm"), module),
			param));
		if (value && len < size)
			len += snprintf(buf + len, size - len, "%s%s=%s",
					len ? ", " : "", param, value);
	}
}

static bool ends_with(const char *name, const char *tail)
{
	size_t a = strlen(name), b = strlen(tail);

	return a >= b && !strcmp(name + a - b, tail);
}

static bool record_shows(const struct feature *f, const struct record *r)
{
	char name[40];
	long long number;
	size_t i;

	if (r->verdict != VERDICT_PASS)
		return false;
	if (f->cases && strstr(r->case_name, f->cases))
		return true;
	if (f->option && sscanf(f->option, "%39[^=]=%lld", name, &number) == 2 &&
	    json_integer_value(json_object_get(
		    json_object_get(r->run, "options"), name)) == number)
		return true;
	for (i = 0; f->counter && i < r->nr_events; i++)
		if (r->events[i].type == EVENT_COUNT && r->events[i].value &&
		    ends_with(r->events[i].name, f->counter))
			return true;
	return false;
}

static const char *observed(const struct page *p, unsigned int at,
			    const struct feature *f, const char **by)
{
	size_t i, end;

	*by = "";
	if (!f->counter && !f->cases && !f->option)
		return "";
	for (page_records(p, at, &i, &end); i < end; i++)
		if (record_shows(f, p->set.v[i])) {
			*by = p->set.v[i]->case_name;
			return "yes";
		}
	return "no";
}

static void feature_row(struct page *p, unsigned int at, const json_t *env,
			const struct feature *f)
{
	char on[160];
	const char *by, *seen = observed(p, at, f, &by);

	enabled(f, env, on, sizeof(on));
	fputs("<tr>", p->out);
	page_cell(p, "c", p->places[at]);
	page_cell(p, "c", f->title);
	page_cell(p, NULL, advertised(f, env));
	page_cell(p, NULL, on);
	page_cell(p, NULL, seen);
	page_cell(p, "c", by);
	fputs("</tr>\n", p->out);
}

void page_features(struct page *p)
{
	unsigned int at, i;

	page_head(p, "features", "KVM features");
	page_para(p, "dim",
		  "Advertised by the CPU or by KVM; switched on by a parameter of a kvm module; observed: a counter or a passed case shows it at work. An empty cell: the records do not tell.");
	fputs("<div class=\"scroll\"><table><tr><th>place</th><th>feature</th><th>advertised</th><th>parameters</th><th>observed</th><th>by</th></tr>\n",
	      p->out);
	for (at = 0; at < p->nr_places; at++) {
		const json_t *env = page_env(p, at);

		for (i = 0; env && i < sizeof(features) / sizeof(features[0]); i++)
			feature_row(p, at, env, &features[i]);
	}
	fputs("</table></div>\n", p->out);
}
