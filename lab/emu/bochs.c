// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How does Bochs become an Intel host?
 *
 * Bochs implements VMX with EPT, and by CPU model EPT's accessed and dirty
 * bits and page-modification logging, so the same KVM runs on three hardware
 * generations.  It boots from an ISO image; the serial ports are files; its
 * text display wants a terminal, which the caller provides, and in builds with
 * the debugger opens another one for the screen.  Its clock is the
 * count of executed instructions, so the same run gives the same times to the
 * last digit; what they would be on real hardware it cannot tell.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/base/tool.h"
#include "lab/emu/emu.h"

#define ISOLINUX_DIR "/usr/lib/ISOLINUX"
#define LDLINUX_DIR "/usr/lib/syslinux/modules/bios"
#define BIOS "/usr/share/bochs/BIOS-bochs-latest"
#define VGABIOS "/usr/share/bochs/VGABIOS-lgpl-latest"
#define XORRISO "/usr/bin/xorriso"
#define TERM_GUI "/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so"

static const char *clock_kind(bool deterministic)
{
	(void)deterministic;
	return "virtual";
}

static const struct {
	const char *file, *package;
} needed[] = {
	{ BIOS, "bochsbios" },
	{ VGABIOS, "vgabios" },
	{ TERM_GUI, "bochs-term" },
	{ ISOLINUX_DIR "/isolinux.bin", "isolinux" },
	{ LDLINUX_DIR "/ldlinux.c32", "syslinux-common" },
	{ XORRISO, "xorriso" },
};

static int probe(struct reason *why)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (access(needed[i].file, R_OK))
			return reason_skip(why, -ENOENT,
					   "%s is missing; install the package %s, or run tools/setup lab",
					   needed[i].file, needed[i].package);
	return 0;
}

static int make_iso(const struct emu_job *job, struct reason *why)
{
	struct words w = { .nr = 0 };
	char said[200];
	int ret;

	words_add_all(&w, XORRISO, "-as", "mkisofs", "-quiet", "-o", NULL);
	words_add(&w, "%s/host.iso", job->dir);
	words_add_all(&w, "-b", "isolinux.bin", "-c", "boot.cat",
		      "-no-emul-boot", "-boot-load-size", "4",
		      "-boot-info-table", "-graft-points",
		      "isolinux.bin=" ISOLINUX_DIR "/isolinux.bin",
		      "ldlinux.c32=" LDLINUX_DIR "/ldlinux.c32", NULL);
	words_add(&w, "isolinux.cfg=%s/isolinux.cfg", job->dir);
	words_add(&w, "kernel=%s", job->kernel);
	words_add(&w, "initrd=%s", job->initrd);
	ret = tool_quiet(&w, said, sizeof(said), why);
	if (ret > 0)
		return reason_set(why, -EIO,
				  "xorriso could not make the boot image in %s; is the disk full?  It says: %s",
				  job->dir, said);
	return ret;
}

static int write_text(const struct emu_job *job, const char *name,
		      const char *text, struct reason *why)
{
	return outfile_write(job->dir, name, text, strlen(text), why);
}

/* The text of Bochs' own configuration. */
static void configure(const struct emu_job *job, char *text, size_t size)
{
	const struct host *h = job->host;
	char com1[256];

	if (job->shell_tty)
		snprintf(com1, sizeof(com1), "mode=term, dev=%s",
			 job->shell_tty);
	else
		snprintf(com1, sizeof(com1), "mode=file, dev=%s/" EMU_CONSOLE,
			 job->dir);
	snprintf(text, size,
		 "display_library: term\n"
		 "romimage: file=" BIOS "\n"
		 "vgaromimage: file=" VGABIOS "\n"
		 "memory: guest=%u, host=%u\n"
		 "cpu: model=%s, count=%u, ips=%u, ignore_bad_msrs=1, reset_on_triple_fault=0\n"
		 "clock: sync=none, time0=1577836800\n"
		 "ata0-master: type=cdrom, path=%s/host.iso, status=inserted\n"
		 "boot: cdrom\n"
		 "log: %s/bochs.log\n"
		 "panic: action=fatal\nerror: action=report\n"
		 "info: action=ignore\ndebug: action=ignore\n"
		 "com1: enabled=1, %s\n"
		 "com2: enabled=1, mode=file, dev=%s/" EMU_PORT "\n"
		 "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n"
		 "plugin_ctrl: speaker=0, gameport=0, es1370=0, sb16=0, e1000=0, ne2k=0, voodoo=0\n",
		 h->memory_mib, h->memory_mib, h->cpu, h->cpus, h->ips,
		 job->dir, job->dir, com1, job->dir);
}

static int prepare(const struct emu_job *job, struct reason *why)
{
	char text[4096];
	int err;

	snprintf(text, sizeof(text),
		 "default lab\nprompt 0\ntimeout 0\nlabel lab\nkernel /kernel\nappend initrd=/initrd %s\n",
		 job->append);
	err = write_text(job, "isolinux.cfg", text, why);
	if (!err)
		err = make_iso(job, why);
	configure(job, text, sizeof(text));
	if (!err)
		err = write_text(job, "bochsrc", text, why);
	/* Builds with the debugger wait for this command. */
	if (!err)
		err = write_text(job, "debugger", "c\n", why);
	return err;
}

static void command(const struct emu_job *job, struct words *w)
{
	words_add_all(w, emu_bochs.program, "-q", "-f", NULL);
	words_add(w, "%s/bochsrc", job->dir);
	words_add_all(w, "-rc", NULL);
	words_add(w, "%s/debugger", job->dir);
}

const struct emu_ops emu_bochs = {
	.name = "bochs",
	.program = "bochs",
	.package = "bochs",
	.version = "bochs --help 2>/dev/null </dev/null | sed -n 's/^ *\\(Bochs.*Emulator.*\\)/\\1/p'",
	.label = "bochs",
	.output = PROC_TTY,
	.max_cpus = 254,
	.ignores = " machine nodes ",
	.stopped = "<bochs:",
	.screen = "connected to screen \"",
	.clock = clock_kind,
	.prepare = prepare,
	.command = command,
	.probe = probe,
};
