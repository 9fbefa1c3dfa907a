// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How does QEMU become an AMD host?
 *
 * Its translator (TCG) implements SVM with nested paging, so KVM runs in it
 * without any hardware help.  Each emulated CPU is a host thread, so races
 * between CPUs are real ones; with "deterministic" the CPUs take turns in one
 * thread instead and the clock counts instructions (-icount), 8 ns each: the
 * number is chosen, 4 or 16 would do; with 1 the waits at boot take 16 s.  It
 * cannot tell how fast anything is on real hardware.
 */
#include <stddef.h>
#include <stdio.h>

#include "base/timing.h"
#include "lab/emu/emu.h"

static const char *clock_kind(bool deterministic)
{
	return deterministic ? "virtual" : "emulated";
}

/*
 * Without -icount the emulated TSC is this machine's.  Say how fast it is: the
 * kernel would measure it against emulated timers, which on a busy machine
 * run late, and then all its clocks would be some times too fast.
 */
static void append(bool deterministic, char *words, size_t size)
{
	if (!deterministic)
		snprintf(words, size, "tsc_early_khz=%.0f ",
			 1e6 / timing_ns_per_tsc());
}

static void add_nodes(const struct host *h, struct words *w)
{
	unsigned int cpus = h->cpus / h->nodes;
	unsigned int mib = h->memory_mib / h->nodes;

	for (unsigned int n = 0; h->nodes > 1 && n < h->nodes; n++) {
		unsigned int last = n == h->nodes - 1 ? h->cpus : (n + 1) * cpus;

		words_add_all(w, "-object", NULL);
		words_add(w, "memory-backend-ram,id=mem%u,size=%uM", n, mib);
		words_add_all(w, "-numa", NULL);
		words_add(w, "node,nodeid=%u,cpus=%u-%u,memdev=mem%u", n,
			  n * cpus, last - 1, n);
	}
}

static void add_clock(const struct emu_job *job, struct words *w)
{
	if (!job->deterministic) {
		words_add_all(w, "-accel", "tcg,thread=multi,tb-size=256", NULL);
		return;
	}
	words_add_all(w, "-accel", "tcg,thread=single,tb-size=256", "-icount",
		      "shift=3,sleep=off", "-rtc",
		      "clock=vm,base=2020-01-01T00:00:00", NULL);
	/* Random numbers that the guest is given repeat too. */
	words_add_all(w, "-seed", "1", NULL);
}

static void command(const struct emu_job *job, struct words *w)
{
	const struct host *h = job->host;

	words_add_all(w, emu_qemu.program, "-nodefaults", "-no-user-config",
		      "-no-reboot", "-display", "none", "-machine", h->machine,
		      NULL);
	add_clock(job, w);
	words_add_all(w, "-cpu", h->cpu, "-smp", NULL);
	words_add(w, "%u,sockets=%u,cores=%u,threads=1", h->cpus, h->nodes,
		  h->cpus / h->nodes);
	words_add_all(w, "-m", NULL);
	words_add(w, "%u", h->memory_mib / h->nodes * h->nodes);
	add_nodes(h, w);
	words_add_all(w, "-kernel", job->kernel, "-initrd", job->initrd,
		      "-append", job->append, "-chardev", NULL);
	if (job->shell_tty)
		words_add(w, "serial,id=console,path=%s", job->shell_tty);
	else
		words_add(w, "file,id=console,path=%s/" EMU_CONSOLE, job->dir);
	words_add_all(w, "-serial", "chardev:console", "-chardev", NULL);
	words_add(w, "file,id=port,path=%s/" EMU_PORT, job->dir);
	words_add_all(w, "-serial", "chardev:port", NULL);
}

const struct emu_ops emu_qemu = {
	.name = "qemu",
	.program = "qemu-system-x86_64",
	.package = "qemu-system-x86",
	.version = "qemu-system-x86_64 --version | head -n 1",
	.label = "qemu-tcg",
	.output = PROC_FILE,
	/* More need an interrupt controller that only KVM gives it. */
	.max_cpus = 255,
	.ignores = " ips ",
	.takes_turns = true,
	.clock = clock_kind,
	.append = append,
	.command = command,
};
