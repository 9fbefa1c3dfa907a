// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Do the lab's parts that need no emulator hold what they promise?
 *
 * The stream reader must give the same answer however its bytes are cut, and
 * notice every byte that is lost or changed; the kernel log watch must see
 * the kernel's alarms and nothing else; hosts.cfg mistakes must be refused;
 * the names of records must change and nothing beside them.
 * Prints TAP.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "lab/emu/hosts.h"
#include "lab/run/klog.h"
#include "lab/run/stamp.h"
#include "lab/run/stream.h"
#include "lab/test/unit.h"

struct got {
	char lines[256];
	char names[128];
	unsigned long sum;	/* of all files' content */
	char release[64];
};

static void add(char *dst, size_t size, const char *text)
{
	size_t n = strlen(dst);

	snprintf(dst + n, size - n, "%s|", text);
}

static void on_line(void *ctx, const char *text)
{
	struct got *g = ctx;

	add(g->lines, sizeof(g->lines), text);
}

static int on_file(void *ctx, const char *name, const void *data, size_t n)
{
	struct got *g = ctx;

	add(g->names, sizeof(g->names), name);
	g->sum = crc32(g->sum, data, n);
	return 0;
}

static void on_up(void *ctx, const char *release)
{
	struct got *g = ctx;

	snprintf(g->release, sizeof(g->release), "%s", release);
}

/* Feed @n bytes in pieces of @step; the stream's end and what it delivered. */
static enum stream_end feed(const char *bytes, size_t n, size_t step,
			    struct got *g, int *status)
{
	struct stream s = { .line = on_line, .file = on_file, .up = on_up };
	enum stream_end end;

	memset(g, 0, sizeof(*g));
	s.ctx = g;
	for (size_t i = 0; i < n; i += step)
		stream_feed(&s, bytes + i, n - i < step ? n - i : step);
	*status = s.status;
	end = s.end;
	stream_free(&s);
	return end;
}

/* Append a FILE record and what follows it to buf[*n]. */
static void add_file(char *buf, size_t size, size_t *n, const char *name,
		     const char *body)
{
	char packed[256];
	z_stream z = {
		.next_in = (unsigned char *)(uintptr_t)body,
		.avail_in = strlen(body),
		.next_out = (unsigned char *)packed,
		.avail_out = sizeof(packed),
	};

	deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	*n += snprintf(buf + *n, size - *n, "\001LAB FILE %zu %lu %s\n",
		       strlen(body), z.total_out, name);
	memcpy(buf + *n, packed, z.total_out);
	*n += z.total_out;
}

/* Two lines, two files (one empty), the end.  @file: where the first begins. */
static size_t sample(char *buf, size_t size, size_t *file, size_t *file_end)
{
	size_t n;

	n = snprintf(buf, size,
		     "\001LAB UP 6.12.0\nhello\r\nhalf a line");
	*file = n;
	add_file(buf, size, &n, "d/a b", "\001LAB END 9 9\nnot a record");
	*file_end = n;
	add_file(buf, size, &n, "empty", "");
	n += snprintf(buf + n, size - n, "\001LAB END 2 4\n");
	return n;
}

static void test_stream(void)
{
	size_t n, file, end, body, nr_whole = 0, nr_cut = 0, nr_seen = 0;
	size_t nr_damaged = 0;
	unsigned long sum;
	char buf[512], bad[512];
	struct got g;
	int status;

	n = sample(buf, sizeof(buf), &file, &end);
	for (size_t step = 1; step <= n; step++)
		nr_whole += feed(buf, n, step, &g, &status) ==
				    STREAM_COMPLETE && status == 4 &&
			    !strcmp(g.lines, "hello|half a line|") &&
			    !strcmp(g.names, "d/a b|empty|") &&
			    !strcmp(g.release, "6.12.0");
	ok(nr_whole == n, "stream.any_cut");
	for (size_t len = 0; len < n; len++)
		nr_cut += feed(buf, len, 7, &g, &status) == STREAM_COMPLETE;
	ok(nr_cut == 0, "stream.truncated_is_never_complete");
	/* Any changed byte of the file's lengths is noticed. */
	body = strcspn(buf + file, "\n") + file + 1;
	for (size_t i = file + strlen("\001LAB FILE ");
	     i < body - strlen(" d/a b\n"); i++) {
		memcpy(bad, buf, n);
		bad[i] ^= 1;
		nr_seen += feed(bad, n, 9, &g, &status) == STREAM_COMPLETE;
	}
	ok(nr_seen == 0, "stream.changed_head");
	/* A bit that gzip does not use may change, what is delivered not. */
	feed(buf, n, 9, &g, &status);
	sum = g.sum;
	for (size_t i = body; i < end; i++) {
		memcpy(bad, buf, n);
		bad[i] ^= 4;
		nr_damaged += feed(bad, n, 9, &g, &status) == STREAM_DAMAGED;
		nr_seen += g.names[0] && g.sum != sum;
	}
	ok(nr_damaged > (end - body) / 2 && nr_seen == 0,
	   "stream.changed_content");
}

static void test_names(void)
{
	static const char *const bad[] = { "../x", "a/../x", "/x", "..",
					   "a/..", "a//b", "" };
	unsigned int refused = 0, nr = sizeof(bad) / sizeof(bad[0]);
	char buf[256];
	struct got g;
	int status;

	for (unsigned int i = 0; i < nr; i++) {
		snprintf(buf, sizeof(buf), "\001LAB FILE 0 20 %s\n",
			 bad[i]);
		refused += feed(buf, strlen(buf), 64, &g, &status) ==
			   STREAM_DAMAGED;
	}
	ok(refused == nr, "stream.names_stay_inside");
}

static const char *const alarms[] = {
	"[    1.0] WARNING: CPU: 0 PID: 1 at mm/x.c:3 f+0x1/0x2",
	"[    1.0][   T12] BUG: unable to handle page fault",
	"<4>[    1.0] BUG: KASAN: slab-out-of-bounds in f",
	"[ 1234.5] Kernel panic - not syncing: x",
	"[    1.0] rcu: INFO: rcu_sched self-detected stall on CPU",
	"[    1.0] INFO: task a:1 blocked for more than 120 seconds.",
	"[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck",
	"[    1.0] general protection fault, probably for",
	"[    1.0] Oops: 0000 [#1] SMP",
	"[    1.0] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI",
	"[    1.0] stack segment: 0010 [#12] SMP",
	"[    1.0] BUG kmalloc-64 (Not tainted): Poison overwritten",
	"[    1.0] BUG vmap_area (Tainted: G B): Redzone overwritten",
	"[    1.0] watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1",
	"[    1.0] kmemleak: 2 new suspected memory leaks",
	"WARNING: CPU: 0 PID: 1 at mm/x.c:3 f+0x1/0x2",
	"Kernel panic - not syncing: x",
	"BUG: kernel NULL pointer dereference, address: 0",
};

static const char *const fine[] = {
	"init: WARNING: from a program, not from the kernel",
	"[    1.0] microcode: 0000 is no trap [#x]",
	"[    1.0] [#1] first of all",
	"[    1.0] BUG reports go to the list",
	"[    1.0] Spectre V2 : WARNING: Unprivileged eBPF is enabled",
	"[    1.0] rcu: Hierarchical RCU implementation.",
	"[    1.0] kvm_amd: Nested Paging enabled",
	"[    1.0] INFO: task_struct is large",
	"[ broken", "", "[",
};

static void test_klog(void)
{
	size_t seen = 0, na = sizeof(alarms) / sizeof(alarms[0]);
	size_t nf = sizeof(fine) / sizeof(fine[0]);
	struct klog k = { .tolerate = "fpu/x.c cpu/y.c" };
	const char *text;

	for (size_t i = 0; i < na; i++)
		seen += klog_alarm(alarms[i]) != NULL;
	ok(seen == na, "klog.alarms");
	seen = 0;
	for (size_t i = 0; i < nf; i++)
		seen += klog_alarm(fine[i]) != NULL;
	ok(seen == 0, "klog.harmless");
	text = "[ 1.0] WARNING: CPU: 0 PID: 0 at arch/x86/kernel/cpu/y.c:5\n";
	klog_feed(&k, text, strlen(text));
	ok(k.nr_alarms == 0, "klog.tolerated");
	text = "[ 1.0] WARNING: CPU: 0 PID: 0 at arch/x86/kvm/y.c:5\n";
	for (size_t i = 0; text[i]; i++)
		klog_feed(&k, text + i, 1);
	ok(k.nr_alarms == 1 && !k.panic, "klog.not_tolerated");
}

static int load(const char *text)
{
	struct reason why;
	struct hosts hosts;
	int ret = load_text(text, &hosts, &why);

	hosts_free(&hosts);
	return ret;
}

#define HEAD "[defaults]\ncpus = 1\nmemory = 256\nnodes = 1\nips = 1\ngroups = default\n"
#define HOST "[a]\nabout = x\nemulator = qemu\ncpu = max\n"

static void test_hosts(void)
{
	static char long_line[4096] = HEAD HOST "append =";
	static const char *const bad[] = {
		HEAD HOST "cpuz = 3\n", HEAD HOST "cpus = 0\n",
		HEAD HOST "cpus = -1\n", HEAD HOST "cpus = 2x\n",
		HEAD HOST HOST, HEAD HOST "nodes = 2\n", HOST,
		HEAD "[a]\nabout = x\n", HEAD HOST "[b\n",
		HEAD HOST "[b]\nlike = c\n", HEAD HOST "words\n",
		HEAD HOST "[b]\ncpus = 2\nlike = a\n", "cpus = 1\n",
		HEAD HOST "groups = defualt\n", HEAD HOST "emulator = boch\n",
		HEAD HOST "[default]\nlike = a\n", HEAD HOST "[b c]\nlike = a\n",
		HEAD HOST "[b,c]\nlike = a\n", HEAD HOST "[../b]\nlike = a\n",
		HEAD HOST "[.b]\nlike = a\n", HEAD, "", "# nothing\n",
		HEAD HOST "cpus = 3\nnodes = 2\n", HEAD HOST "ips = 2\n",
		HEAD HOST "cpus = 2\nmemory = 257\nnodes = 2\n",
		HEAD HOST "emulator = bochs\nmachine = pc\n",
		HEAD HOST "emulator = bochs\ncpus = 2\nnodes = 2\n",
		HEAD HOST "memory = 255\n", HEAD HOST "cpus = 256\n",
		HEAD HOST "emulator = bochs\ncpus = 255\n",
		long_line,
	};
	size_t nr = sizeof(bad) / sizeof(bad[0]), refused = 0;

	/* Cut in two, its end would be a line that is fine. */
	memset(long_line + strlen(long_line), ' ',
	       sizeof(long_line) - strlen(long_line) - 1);
	strcpy(long_line + sizeof(long_line) - 10, "cpus = 1\n");

	for (size_t i = 0; i < nr; i++) {
		if (load(bad[i]) == -EINVAL)
			refused++;
		else
			printf("# not refused: %.300s\n", bad[i]);
	}
	ok(refused == nr, "hosts.mistakes_refused");
	ok(load(HEAD HOST "[b]\nlike = a\ncpus = 4\nnodes = 2\n"
		     "[c-1.x]\nlike = a\nemulator = bochs\nips = 7\n"
		     "[d]\nlike = a\ncpus = 255\n"
		     "[e]\nlike = a\nemulator = bochs\ncpus = 254\n") == 0,
	   "hosts.good");
}

static void test_stamp(void)
{
	static const char text[] =
		"{\"uuid\":\"0a-f\",\"time\":\"2020-01-01T00:00:00Z\",\"run_uuid\": \"0a-f\",\"n\":1}";
	struct stamp s = { .time = "2026-05-04T03:02:01Z", .salt = { 1, 0x2f, 15 } };
	char buf[sizeof(text)];
	size_t cut;

	memcpy(buf, text, sizeof(text));
	stamp_text(&s, buf, sizeof(text) - 1, 1);
	ok(!strcmp(buf, "{\"uuid\":\"15-0\",\"time\":\"2026-05-04T03:02:01Z\",\"run_uuid\": \"15-0\",\"n\":1}"),
	   "stamp.changes_names_and_date");
	stamp_text(&s, buf, sizeof(text) - 1, 0);
	ok(strstr(buf, "\"uuid\":\"0a-f\"") && strstr(buf, "2026"),
	   "stamp.leaves_the_date");
	/* Cut anywhere, in memory of just that size: the sanitizers look on. */
	for (cut = 0; cut < sizeof(text); cut++) {
		char *part = malloc(cut + 1);

		memcpy(part, text, cut);
		part[cut] = '|';
		stamp_text(&s, part, cut, 1);
		if (part[cut] != '|')
			break;
		free(part);
	}
	ok(cut == sizeof(text), "stamp.stays_inside");
	stamp_make(&s);
	ok(strlen(s.time) == 20, "stamp.time");
}

int main(void)
{
	puts("TAP version 13");
	test_stream();
	test_names();
	test_klog();
	test_hosts();
	test_stamp();
	test_options();
	test_choose();
	test_tool();
	return ok_all();
}
