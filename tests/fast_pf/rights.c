// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can a guest write what it may only read, once it has read it?
 *
 * A read maps a page; what KVM then writes into its page table decides about
 * later writes, which need not fault any more.  The guest reads some pages and
 * then writes them, where a write
 *   mapping  must stop the vCPU: the host maps the memory read-only
 *   slot     must leave the guest as MMIO: the memslot is read-only
 *   ksm      must copy first: the page is merged with pages of the host
 *   fork     must copy first: the page is shared with a child
 *   zero     must copy first: the page is the kernel's page of zeroes
 * The other holder of a page must never see the write.
 *
 * It cannot tell rights that only become wrong later, by a change in the page
 * table; the stress cases look for those.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "host/host.h"

#define PAGES 64u		/* chosen: KSM merges them within a second */
#define KSM "/sys/kernel/mm/ksm/"
#define KSM_MERGED "/proc/self/ksm_merging_pages"
#define KSM_LIMIT_NS 20000000000ull

struct rights;

/* A way in which pages are read-only. */
struct how {
	/* The guest has not touched the pages yet; each word holds word_of(). */
	int (*make_readonly)(struct rights *r);
	/* What the guest's write does: it stops the vCPU, or copies the page. */
	bool stops;
	/* The number of pages in which another holder sees a write. */
	unsigned int (*count_leaks)(struct rights *r);
};

struct rights {
	struct bench *b;
	const struct how *how;
	char *twin;		/* KSM: pages of the host, with the same content */
	pid_t child;
	int ask, answer;	/* the child's pipes */
	unsigned int stops;	/* by the vCPU's thread */
	unsigned int passed;	/* pages that had changed when it stopped */
};

static int failed(struct rights *r, const char *what)
{
	int err = errno;

	return reason_set(&r->b->why, -err, "%s failed: %s", what, strerror(err));
}

static uint64_t *word_at(char *memory, unsigned int page)
{
	return (uint64_t *)(memory + page * 4096ull + GUEST_UNIT_WORD(0));
}

/* KSM merges equal pages alone, so all are. */
static uint64_t word_of(const struct rights *r)
{
	return r->b->p.seed | 1;
}

static void fill(const struct rights *r, char *memory)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		*word_at(memory, i) = word_of(r);
}

static unsigned int count_changed(char *memory, uint64_t expect)
{
	unsigned int i, changed = 0;

	for (i = 0; i < PAGES; i++)
		changed += *word_at(memory, i) != expect;
	return changed;
}

/* ---- a read-only mapping, a read-only memslot ---------------------------------- */

static int make_mapping(struct rights *r)
{
	const struct gpages *m = &r->b->rig->mem;

	fill(r, m->hva);
	return mprotect(m->hva, m->nr_pages * 4096, PROT_READ) ?
	       failed(r, "mprotect()") : 0;
}

static int make_slot(struct rights *r)
{
	fill(r, r->b->rig->mem.hva);
	/* KVM changes this flag of no memslot that exists. */
	return rig_recreate_slot(r->b->rig, 0, KVM_MEM_READONLY, &r->b->why);
}

/* A write to a read-only mapping: look whether it got through, then allow it. */
static int allow_write(struct rights *r, struct reason *why)
{
	const struct gpages *m = &r->b->rig->mem;
	char *page = (char *)m->hva + (uint64_t)r->stops * 4096;

	if (r->stops == PAGES)
		return reason_set(why, -EFAULT, "a write to memory that may be written stopped the vCPU");
	r->passed += *word_at(page, 0) != word_of(r);
	r->stops++;
	return mprotect(page, 4096, PROT_READ | PROT_WRITE) ?
	       failed(r, "mprotect()") : 1;
}

static int vcpu_exit(void *arg, unsigned int vcpu, int err, struct reason *why)
{
	struct rights *r = arg;
	const struct gpages *m = &r->b->rig->mem;
	struct kvm_run *run = rig_kvm_run(r->b->rig, vcpu);
	char *page;

	if (err == EFAULT)
		return allow_write(r, why);
	if (err || run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.phys_addr < m->gpa)
		return 0;
	page = (char *)m->hva + (run->mmio.phys_addr - m->gpa) / 4096 * 4096;
	r->passed += *word_at(page, 0) != word_of(r);
	r->stops++;
	return 1;
}

/* ---- shared pages ------------------------------------------------------------ */

static int start_ksm(struct rights *r)
{
	struct reason *why = &r->b->why;
	int err;

	if (!host_exists(KSM "run") || !host_exists(KSM_MERGED))
		return reason_skip(why, -EOPNOTSUPP,
				   "no KSM that tells what it merged (CONFIG_KSM, Linux 5.19)");
	if (geteuid())
		return reason_skip(why, -EOPNOTSUPP, "KSM is switched on by root alone");
	err = host_push_write(KSM "sleep_millisecs", "2", why);
	return err ? err : host_push_write(KSM "run", "1", why);
}

static int make_merged(struct rights *r)
{
	const struct gpages *m = &r->b->rig->mem;
	uint64_t give_up = timing_now_ns() + KSM_LIMIT_NS, merged = 0;
	int err = start_ksm(r);

	if (err)
		return err;
	fill(r, m->hva);
	fill(r, r->twin);
	if (madvise(m->hva, PAGES * 4096, MADV_MERGEABLE) ||
	    madvise(r->twin, PAGES * 4096, MADV_MERGEABLE))
		return failed(r, "madvise(MADV_MERGEABLE)");
	/* One of them is the page that the others are merged with. */
	while (merged < 2 * PAGES - 1 && timing_now_ns() < give_up) {
		timing_sleep_ns(5000000);
		host_read_u64(KSM_MERGED, &merged);
	}
	if (merged >= 2 * PAGES - 1)
		return 0;
	return reason_skip(&r->b->why, -EAGAIN,
			   "KSM has merged %" PRIu64 " of %u equal pages after %u s",
			   merged, 2 * PAGES, (unsigned int)(KSM_LIMIT_NS / 1000000000));
}

static unsigned int leaks_into_twin(struct rights *r)
{
	return count_changed(r->twin, word_of(r));
}

static void be_child(const struct rights *r, int ask, int answer)
{
	unsigned int changed;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(ask, &byte, 1) != 1)
		_exit(1);
	changed = count_changed(r->b->rig->mem.hva, word_of(r));
	_exit(write(answer, &changed, sizeof(changed)) != sizeof(changed));
}

static int make_forked(struct rights *r)
{
	int ask[2], answer[2];

	fill(r, r->b->rig->mem.hva);
	if (pipe(ask) || pipe(answer))
		return failed(r, "pipe()");
	r->child = fork();
	if (!r->child)
		be_child(r, ask[0], answer[1]);
	close(ask[0]);
	close(answer[1]);
	r->ask = ask[1];
	r->answer = answer[0];
	return r->child < 0 ? failed(r, "fork()") : 0;
}

static unsigned int leaks_into_child(struct rights *r)
{
	unsigned int changed = PAGES;

	if (write(r->ask, "", 1) != 1 ||
	    read(r->answer, &changed, sizeof(changed)) != sizeof(changed))
		rec_note(r->b->rec, "the child did not answer");
	return changed;
}

/* All reads of untouched memory see one page. */
static int make_zero(struct rights *r)
{
	return rig_discard(r->b->rig, 0, r->b->rig->mem.nr_pages, &r->b->why);
}

static unsigned int leaks_into_zeroes(struct rights *r)
{
	return count_changed(r->twin, 0);
}

static const struct how hows[] = {
	{ make_mapping, true, NULL },
	{ make_slot, true, NULL },
	{ make_merged, false, leaks_into_twin },
	{ make_forked, false, leaks_into_child },
	{ make_zero, false, leaks_into_zeroes },
};

/* ------------------------------------------------------------------------------ */

static int access_all(struct rights *r, enum payload_op op)
{
	const struct run_job job = { .cmd = GUEST_ACCESS, .op = op, .nr = PAGES };
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		r->b->rig->orders[0][i] = order_entry(i, op);
	return run_job(r->b->run, &job, &r->b->why);
}

static int measure(struct rights *r)
{
	struct bench *b = r->b;
	unsigned int leaks;
	int err = r->how->make_readonly(r);

	if (!err)
		err = access_all(r, OP_READ);
	if (!err)
		err = access_all(r, OP_WRITE);
	if (err)
		return err;
	if (r->how->stops) {
		rec_check(b->rec, "each_write_stops_the_vcpu", r->stops == PAGES,
			  "%u of %u writes stopped the vCPU", r->stops, PAGES);
		rec_check(b->rec, "no_write_gets_through", !r->passed,
			  "%u pages had changed when the vCPU stopped",
			  r->passed);
		return 0;
	}
	leaks = r->how->count_leaks(r);
	rec_check(b->rec, "no_write_to_a_shared_page", !leaks,
		  "the other holder of %u of %u pages sees what the guest wrote",
		  leaks, PAGES);
	bench_check_content(b, "content");
	return 0;
}

static int open_rig(struct rights *r)
{
	struct bench *b = r->b;
	struct rig_config cfg;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_ANON;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.vcpu_bytes = PAGES * 4096;
	cfg.nr_slots = 1;
	cfg.hooks = (struct rig_hooks){ NULL, vcpu_exit, r };
	return bench_rig(b, &cfg, 0);
}

static int rights_case(struct bench *b, const struct bench_case *c)
{
	struct rights r = { .b = b, .how = &hows[c->arg[0]], .ask = -1,
			    .answer = -1 };
	int err;

	r.twin = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	err = r.twin == MAP_FAILED ? failed(&r, "mmap()") : open_rig(&r);
	if (!err)
		err = measure(&r);
	if (r.child > 0) {
		kill(r.child, SIGKILL);
		waitpid(r.child, NULL, 0);
		close(r.ask);
		close(r.answer);
	}
	bench_rig_free(b);
	if (r.twin != MAP_FAILED)
		munmap(r.twin, PAGES * 4096);
	return err;
}

#define RIGHTS(_name, _summary, _how) \
	{ .name = "fast_pf.rights." _name, .summary = _summary, \
	  .fn = rights_case, .arg = { _how } }

static const struct bench_case cases[] = {
	RIGHTS("mapping", "read, then write, what the host maps read-only", 0),
	RIGHTS("slot", "read, then write, a read-only memslot", 1),
	RIGHTS("ksm", "read, then write, pages that KSM has merged", 2),
	RIGHTS("fork", "read, then write, pages that a child shares", 3),
	RIGHTS("zero", "read, then write, pages that nobody has written", 4),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/rights",
		.question = "Can a guest write what it may only read, once it has read it?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
