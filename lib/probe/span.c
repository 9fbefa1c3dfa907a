// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long does a thread take from one tracepoint to another, such as from
 * kvm:kvm_exit to kvm:kvm_entry?
 *
 * Method: two BPF programs, loaded by libbpf.  The first notes the time per
 * thread; the second puts the difference into the bins of base/hist.h, which
 * this process reads through shared memory.  Other processes are filtered
 * out.  A first tracepoint met again starts anew, a second one without a
 * first is ignored.  Adds some 100 ns to each of both, which are not in the
 * time but for the way out of the first program and into the second.
 *
 * The programs are a few instructions and written as such: a compiler for
 * BPF would be one more thing that a build needs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "probe/tracepoint.h"
#include "internal.h"

#define SUMMARY "time from one tracepoint of --span to the other"

#ifdef HAVE_BPF
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Threads that can be between both tracepoints at one time. */
#define MAX_THREADS 8192
/* The bins of a histogram, then the sum of all times. */
#define SUM_SLOT HIST_NR_BINS
#define NR_SLOTS (HIST_NR_BINS + 1)

struct span {
	int starts, bins;		/* fds of the maps */
	int prog[2], event[2];
	uint64_t *slots;		/* what "bins" holds, shared */
	uint64_t last[NR_SLOTS];
};

/* ---- the programs ---------------------------------------------------------- */

/* Instructions, in the order of struct bpf_insn: code, dst, src, off, imm. */
#define INSN(_code, _dst, _src, _off, _imm) \
	{ .code = (_code), .dst_reg = (_dst), .src_reg = (_src), \
	  .off = (_off), .imm = (_imm) }
#define MOV(_dst, _src)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, _dst, _src, 0, 0)
#define MOVI(_dst, _imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, _dst, 0, 0, _imm)
#define ADD(_dst, _src)	INSN(BPF_ALU64 | BPF_ADD | BPF_X, _dst, _src, 0, 0)
#define SUB(_dst, _src)	INSN(BPF_ALU64 | BPF_SUB | BPF_X, _dst, _src, 0, 0)
#define ADDI(_dst, _imm) INSN(BPF_ALU64 | BPF_ADD | BPF_K, _dst, 0, 0, _imm)
#define SHLI(_dst, _imm) INSN(BPF_ALU64 | BPF_LSH | BPF_K, _dst, 0, 0, _imm)
#define SHRI(_dst, _imm) INSN(BPF_ALU64 | BPF_RSH | BPF_K, _dst, 0, 0, _imm)
#define LD(_size, _dst, _src, _off) \
	INSN(BPF_LDX | BPF_MEM | (_size), _dst, _src, _off, 0)
#define ST(_size, _dst, _off, _src) \
	INSN(BPF_STX | BPF_MEM | (_size), _dst, _src, _off, 0)
#define COUNT(_dst, _src) \
	INSN(BPF_STX | BPF_ATOMIC | BPF_DW, _dst, _src, 0, BPF_ADD)
/* Jump over the next @_n instructions if. */
#define JEQI(_dst, _imm, _n) INSN(BPF_JMP | BPF_JEQ | BPF_K, _dst, 0, _n, _imm)
#define JNEI(_dst, _imm, _n) INSN(BPF_JMP | BPF_JNE | BPF_K, _dst, 0, _n, _imm)
#define JUMP(_n)	INSN(BPF_JMP | BPF_JA, 0, 0, _n, 0)
#define CALL(_helper)	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##_helper)
#define EXIT		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define LD64(_dst, _src, _value) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, _dst, _src, 0, \
	     (int32_t)(uint64_t)(_value)), \
	INSN(0, 0, 0, 0, (int32_t)((uint64_t)(_value) >> 32))
#define MAP(_dst, _fd)	LD64(_dst, BPF_PSEUDO_MAP_FD, (uint32_t)(_fd))

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, FP };

/* On the stack: struct bpf_pidns_info, of which the thread is a key, and a time. */
#define PID	(-16)
#define TGID	(-12)
#define TIME	(-8)

/* Leave with 1, so that whoever else listens to the tracepoint hears it. */
#define LEAVE		MOVI(R0, 1), EXIT

/*
 * Leave unless the thread is of the process @_tgid in the namespace @_ns; its
 * number is 0 where the kernel has no such namespaces, so all share one.
 */
#define ONLY_OURS(_ns, _tgid) \
	MOVI(R1, (_ns)->st_ino != 0), JNEI(R1, 0, 3), \
	CALL(get_current_pid_tgid), ST(BPF_DW, FP, PID, R0), JUMP(11), \
	LD64(R1, 0, major_minor(_ns)), LD64(R2, 0, (_ns)->st_ino), \
	MOV(R3, FP), ADDI(R3, PID), MOVI(R4, 8), \
	CALL(get_ns_current_pid_tgid), \
	JEQI(R0, 0, 2), LEAVE, \
	LD(BPF_W, R1, FP, TGID), JEQI(R1, _tgid, 2), LEAVE

/* R1 >>= @_n and R7 += @_n where R1 keeps its top HIST_LG2_SUB + 1 bits. */
#define HALVE(_n) \
	MOV(R2, R1), SHRI(R2, HIST_LG2_SUB + (_n)), JEQI(R2, 0, 2), \
	SHRI(R1, _n), ADDI(R7, _n)

/* Add R6 to the slot whose number is at PID. */
#define ADD_TO_SLOT(_fd) \
	MAP(R1, _fd), MOV(R2, FP), ADDI(R2, PID), CALL(map_lookup_elem), \
	JNEI(R0, 0, 2), LEAVE, COUNT(R0, R6)

/* As the kernel has a device; st_dev is what userspace makes of it. */
static uint64_t major_minor(const struct stat *ns)
{
	return (uint64_t)major(ns->st_dev) << 20 | minor(ns->st_dev);
}

static int load(const char *name, const struct bpf_insn *insns, size_t nr,
		struct reason *why)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, name, "GPL", insns,
			       nr, NULL);

	if (fd < 0)
		return reason_skip(why, -EOPNOTSUPP,
				   "option --span: this kernel does not accept BPF programs (%s); run as root on Linux 5.7 or newer",
				   strerror(-fd));
	return fd;
}

static int load_begin(const struct span *s, const struct stat *ns,
		      struct reason *why)
{
	const struct bpf_insn insns[] = {
		ONLY_OURS(ns, getpid()),
		CALL(ktime_get_ns), ST(BPF_DW, FP, TIME, R0),
		MAP(R1, s->starts), MOV(R2, FP), ADDI(R2, PID),
		MOV(R3, FP), ADDI(R3, TIME), MOVI(R4, BPF_ANY),
		CALL(map_update_elem),
		LEAVE,
	};

	return load("span_begin", insns, sizeof(insns) / sizeof(*insns), why);
}

static int load_end(const struct span *s, const struct stat *ns,
		    struct reason *why)
{
	const struct bpf_insn insns[] = {
		ONLY_OURS(ns, getpid()),
		MAP(R1, s->starts), MOV(R2, FP), ADDI(R2, PID),
		CALL(map_lookup_elem),
		JNEI(R0, 0, 2), LEAVE,
		LD(BPF_DW, R7, R0, 0),
		CALL(ktime_get_ns), MOV(R6, R0), SUB(R6, R7),
		MAP(R1, s->starts), MOV(R2, FP), ADDI(R2, PID),
		CALL(map_delete_elem),

		/* The sum, then the bin: hist_bin() without its branches. */
		MOVI(R1, SUM_SLOT), ST(BPF_W, FP, PID, R1),
		ADD_TO_SLOT(s->bins),
		MOV(R1, R6), MOV(R2, R1), SHRI(R2, HIST_MAX_LG2),
		JEQI(R2, 0, 2), LD64(R1, 0, (1ull << HIST_MAX_LG2) - 1),
		MOVI(R7, 0),
		HALVE(32), HALVE(16), HALVE(8), HALVE(4), HALVE(2), HALVE(1),
		SHLI(R7, HIST_LG2_SUB), ADD(R7, R1), ST(BPF_W, FP, PID, R7),
		MOVI(R6, 1),
		ADD_TO_SLOT(s->bins),
		LEAVE,
	};

	return load("span_end", insns, sizeof(insns) / sizeof(*insns), why);
}

/* ---- the probe ------------------------------------------------------------- */

static void span_close(void *state)
{
	struct span *s = state;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (s->event[i] >= 0)
			close(s->event[i]);
		if (s->prog[i] >= 0)
			close(s->prog[i]);
	}
	if (s->slots)
		munmap(s->slots, NR_SLOTS * sizeof(*s->slots));
	if (s->bins >= 0)
		close(s->bins);
	if (s->starts >= 0)
		close(s->starts);
	free(s);
}

static int make_maps(struct span *s, struct reason *why)
{
	LIBBPF_OPTS(bpf_map_create_opts, shared, .map_flags = BPF_F_MMAPABLE);

	s->starts = bpf_map_create(BPF_MAP_TYPE_HASH, "span_starts", 4, 8,
				   MAX_THREADS, NULL);
	s->bins = bpf_map_create(BPF_MAP_TYPE_ARRAY, "span_bins", 4, 8,
				 NR_SLOTS, &shared);
	if (s->starts < 0 || s->bins < 0)
		return reason_skip(why, -EOPNOTSUPP,
				   "option --span: this kernel does not create BPF maps (%s); run as root on a kernel with CONFIG_BPF_SYSCALL",
				   strerror(errno));
	s->slots = mmap(NULL, NR_SLOTS * sizeof(*s->slots), PROT_READ,
			MAP_SHARED, s->bins, 0);
	if (s->slots != MAP_FAILED)
		return 0;
	s->slots = NULL;
	return reason_skip(why, -EOPNOTSUPP,
			   "option --span: cannot map a BPF map (%s)",
			   strerror(errno));
}

static int open_event(struct span *s, unsigned int i, char *name,
		      struct reason *why)
{
	char *event = strchr(name, ':');

	if (!event)
		return reason_usage(why, -EINVAL,
				    "option --span: '%s' is not a tracepoint; give system:event",
				    name);
	*event++ = 0;
	/* A program runs on all CPUs, whichever one its event is opened for. */
	s->event[i] = tracepoint_open(name, event, -1, 0);
	if (s->event[i] >= 0)
		return 0;
	if (errno == ENOENT)
		return reason_usage(why, -EINVAL,
				    "option --span: there is no tracepoint %s:%s",
				    name, event);
	return reason_skip(why, -EOPNOTSUPP,
			   "cannot open tracepoint %s:%s (%s); run as root on a kernel with CONFIG_PERF_EVENTS",
			   name, event, strerror(errno));
}

/* @begin is "system:event..system:event", and is cut in two. */
static int open_events(struct span *s, char *begin, struct reason *why)
{
	char *end = strstr(begin, "..");
	int err;

	if (!end || ((size_t)(end - begin) == strlen(end + 2) &&
		     !strncmp(begin, end + 2, end - begin)))
		return reason_usage(why, -EINVAL,
				    "option --span: '%s' does not name two different tracepoints; give system:event..system:event, such as kvm:kvm_exit..kvm:kvm_entry",
				    begin);
	*end = 0;
	err = tracepoint_init(why);
	if (!err)
		err = open_event(s, 0, begin, why);
	return err ? err : open_event(s, 1, end + 2, why);
}

static int load_programs(struct span *s, struct reason *why)
{
	struct stat ns;

	memset(&ns, 0, sizeof(ns));
	if (stat("/proc/self/ns/pid", &ns) && errno != ENOENT)
		return reason_skip(why, -EOPNOTSUPP,
				   "option --span: no /proc/self/ns/pid (%s)",
				   strerror(errno));
	s->prog[0] = load_begin(s, &ns, why);
	if (s->prog[0] < 0)
		return s->prog[0];
	s->prog[1] = load_end(s, &ns, why);
	return s->prog[1] < 0 ? s->prog[1] : 0;
}

/* The second tracepoint first, so that none is half counted. */
static int attach(struct span *s, struct reason *why)
{
	int i;

	for (i = 1; i >= 0; i--) {
		if (ioctl(s->event[i], PERF_EVENT_IOC_SET_BPF, s->prog[i]) ||
		    ioctl(s->event[i], PERF_EVENT_IOC_ENABLE, 0))
			return reason_skip(why, -EOPNOTSUPP,
					   "option --span: cannot attach BPF to a tracepoint (%s)",
					   strerror(errno));
	}
	return 0;
}

static int start(struct span *s, char *wish, struct reason *why)
{
	int err = open_events(s, wish, why);

	libbpf_set_print(NULL);	/* what it has to say, load() says */
	if (!err)
		err = make_maps(s, why);
	if (!err)
		err = load_programs(s, why);
	return err ? err : attach(s, why);
}

static int span_open(void **state, const struct probe_wish *wish,
		     struct reason *why)
{
	struct span *s;
	char *copy;
	int err = -ENOMEM;

	if (!wish->span || !*wish->span)
		return -ENOENT;
	s = calloc(1, sizeof(*s));
	copy = strdup(wish->span);
	if (!s || !copy) {
		free(s);
		free(copy);
		return reason_set(why, -ENOMEM, "no memory for --span");
	}
	s->starts = s->bins = -1;
	s->prog[0] = s->prog[1] = s->event[0] = s->event[1] = -1;
	err = start(s, copy, why);
	free(copy);
	if (err)
		span_close(s);
	else
		*state = s;
	return err;
}

static void span_read_times(void *state, struct hist *h)
{
	struct span *s = state;
	uint64_t nr, low, high;
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++) {
		nr = __atomic_load_n(&s->slots[i], __ATOMIC_RELAXED) -
		     s->last[i];
		s->last[i] += nr;
		if (!h || !nr)
			continue;
		if (i == SUM_SLOT) {
			h->sum += nr;
			continue;
		}
		low = hist_bin_low(i);
		high = i == HIST_NR_BINS - 1 ? low : hist_bin_high(i) - 1;
		if (!h->n || low < h->min)
			h->min = low;
		if (high > h->max)
			h->max = high;
		h->n += nr;
		h->bins[i] += nr;
	}
}

const struct probe_ops probe_span = {
	.name = "span",
	.summary = SUMMARY,
	.open = span_open,
	.read_times = span_read_times,
	.close = span_close,
};

#else

static int span_open(void **state, const struct probe_wish *wish,
		     struct reason *why)
{
	if (!wish->span || !*wish->span)
		return -ENOENT;
	return reason_skip(why, -EOPNOTSUPP, "built without libbpf");
}

const struct probe_ops probe_span = {
	.name = "span",
	.summary = SUMMARY,
	.open = span_open,
};

#endif
