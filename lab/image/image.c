// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What does a host boot, and is it whole?
 *
 * Asks lab/image/kernel.sh and lab/image/initramfs.sh, which build or find in
 * their caches, for a kernel and an initial file system; or takes the ones
 * given.  Both are looked at before any emulator starts, because a damaged
 * file gives a puzzling failure minutes later.  A file that is damaged in its middle is
 * only found by the kernel that boots it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/lab.h"

static enum verdict run_script(struct words *w, char *out, size_t size)
{
	char script[128];
	int ret;

	snprintf(script, sizeof(script), "%.127s",
		 w->failed ? "" : strrchr(w->v[0], '/') + 1);
	ret = w->failed ? -E2BIG : proc_capture(w->v, out, size);
	if (ret < 0)
		lab_say("cannot run %s: %s", w->v[0], strerror(-ret));
	words_free(w);
	if (!ret && out[0] == '/')
		return PASS;
	if (!ret)
		lab_say("a build script printed no file name");
	if (lab_stop)
		lab_say("interrupted by signal %d while %s was at work",
			(int)lab_stop, script);
	return ret == USAGE ? USAGE : FAIL;
}

static enum verdict get_kernel(const struct lab_opts *o, struct image *img)
{
	const char *ksrc = o->ksrc ? o->ksrc : getenv("KSRC");
	struct words w = { .nr = 0 };
	enum verdict v;
	char dir[900];

	if (o->bzimage) {
		snprintf(img->kernel, sizeof(img->kernel), "%s", o->bzimage);
		return PASS;
	}
	words_add(&w, "%s/lab/image/kernel.sh", o->top);
	words_add(&w, "%s", o->build);
	if (ksrc && *ksrc) {
		words_add(&w, "--ksrc");
		words_add(&w, "%s", ksrc);
	}
	if (o->kvm_modules) {
		words_add(&w, "--config");
		words_add(&w, "kvm-modules");
	}
	for (size_t i = 0; i < o->config.nr; i++) {
		words_add(&w, "--config");
		words_add(&w, "%s", o->config.v[i]);
	}
	v = run_script(&w, dir, sizeof(dir));
	if (v != PASS)
		return v;
	snprintf(img->kernel, sizeof(img->kernel), "%s/bzImage", dir);
	snprintf(img->key, sizeof(img->key), "%.127s", strrchr(dir, '/') + 1);
	return PASS;
}

static enum verdict get_initramfs(const struct lab_opts *o, struct image *img)
{
	struct words w = { .nr = 0 };
	const char *modules = o->modules;
	char built[1100];

	if (o->initramfs) {
		snprintf(img->initramfs, sizeof(img->initramfs), "%s",
			 o->initramfs);
		return PASS;
	}
	words_add(&w, "%s/lab/image/initramfs.sh", o->top);
	words_add(&w, "%s", o->build);
	for (size_t i = 0; i < o->add.nr; i++) {
		words_add(&w, "--add");
		words_add(&w, "%s", o->add.v[i]);
	}
	if (!modules && !o->bzimage && o->kvm_modules) {
		snprintf(built, sizeof(built), "%.*s/modules",
			 (int)(strrchr(img->kernel, '/') - img->kernel),
			 img->kernel);
		modules = built;
	}
	if (modules) {
		words_add(&w, "--modules");
		words_add(&w, "%s", modules);
	}
	if (o->kvm_modules) {
		words_add(&w, "--kvm-modules");
		words_add(&w, "%s", o->kvm_modules);
	}
	return run_script(&w, img->initramfs, sizeof(img->initramfs));
}

/* The first and the last bytes of a file; how many there are in all, or -1. */
static off_t peek(const char *path, char *head, char *tail, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	memset(head, 0, n);
	memset(tail, 0, n);
	if (fstat(fd, &st) || pread(fd, head, n, 0) < 0 ||
	    pread(fd, tail, n, st.st_size > (off_t)n ? st.st_size - n : 0) < 0)
		st.st_size = -1;
	close(fd);
	return st.st_size;
}

static unsigned int get_u16(const char *p)
{
	return (unsigned char)p[0] + ((unsigned char)p[1] << 8);
}

/* The version that a bzImage carries: "6.12.117 (user@host) #1 ..." */
static void get_release(const char *head, const char *path, char *release,
			size_t size)
{
	/* Where it is: 16 bits of the setup header, counted from 0x200. */
	size_t off = 0x200 + get_u16(head + 0x20e);
	char text[96] = "";
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, text, sizeof(text) - 1, off) > 0)
		text[strcspn(text, " ")] = '\0';
	if (fd >= 0)
		close(fd);
	snprintf(release, size, "%s", *text ? text : "unknown");
}

/* How long a bzImage is by its own header: the setup part, then the rest. */
static long long bzimage_size(const char *head)
{
	unsigned int setup_sectors = (unsigned char)head[0x1f1];
	unsigned long long rest_16 = get_u16(head + 0x1f4) +
				     ((unsigned long long)get_u16(head + 0x1f6) << 16);

	/* In old images 0 stands for 4 sectors. */
	return ((setup_sectors ? setup_sectors : 4) + 1) * 512LL +
	       rest_16 * 16;
}

static enum verdict check_kernel(struct image *img)
{
	const char *path = img->kernel;
	char head[1024], tail[1024];
	off_t size = peek(path, head, tail, sizeof(head));

	if (size < 0) {
		lab_say("cannot read the kernel %s: %s", path, strerror(errno));
		return USAGE;
	}
	if (size < 4096 || memcmp(head + 0x202, "HdrS", 4)) {
		lab_say("%s is not a bzImage; give the file arch/x86/boot/bzImage of a kernel build, or /boot/vmlinuz-...",
			path);
		return USAGE;
	}
	if (size < bzimage_size(head)) {
		lab_say("the kernel %s is truncated: %lld bytes of %lld; copy it again, or remove it to have it built",
			path, (long long)size, bzimage_size(head));
		return FAIL;
	}
	get_release(head, path, img->release, sizeof(img->release));
	return PASS;
}

static enum verdict check_initramfs(const char *path)
{
	char head[1024], tail[1024];
	off_t size = peek(path, head, tail, sizeof(head));

	if (size < 0) {
		lab_say("cannot read the initramfs %s: %s", path,
			strerror(errno));
		return USAGE;
	}
	if (memcmp(head, "070701", 6)) {
		lab_say("%s is not an uncompressed newc archive; make one with lab/image/initramfs.sh",
			path);
		return USAGE;
	}
	if (size % 512 || !memmem(tail, sizeof(tail), "TRAILER!!!", 10)) {
		lab_say("the initramfs %s is truncated after %lld bytes; remove it and run again",
			path, (long long)size);
		return FAIL;
	}
	return PASS;
}

/* Without a command of its own a host runs the driver, so it must be there. */
static enum verdict check_driver(const struct lab_opts *o)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/bin/mmubench", o->build);
	if (o->command || o->shell || o->initramfs || !access(path, X_OK))
		return PASS;
	lab_say("%s is not built; run make first, or give a command after --",
		path);
	return USAGE;
}

/*
 * The emulators' own languages separate words with these.  Kernel builds do
 * too, and check the kernel tree's name by themselves.
 */
static enum verdict check_names(const struct lab_opts *o)
{
	if (!o->build[strcspn(o->build, " \t\n:,")])
		return PASS;
	lab_say("the build directory %s has a blank, a colon or a comma in its name, which kernel builds and emulators cannot take; give another",
		o->build);
	return USAGE;
}

enum verdict image_get(const struct lab_opts *o, struct image *img)
{
	enum verdict v;

	memset(img, 0, sizeof(*img));
	v = check_names(o);
	if (v == PASS)
		v = check_driver(o);
	if (v == PASS)
		v = report_check(o);
	if (v == PASS)
		v = get_kernel(o, img);
	if (v == PASS)
		v = check_kernel(img);
	if (v == PASS)
		v = get_initramfs(o, img);
	if (v == PASS)
		v = check_initramfs(img->initramfs);
	return v;
}
