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

#include "lab/base/tool.h"
#include "lab/image/image.h"

#define I(m) .offset = offsetof(struct image_opts, m)

const struct opt image_table[] = {
	{ .name = "ksrc", .type = OPT_STRING, I(ksrc), .arg = "KSRC",
	  .help = "build this kernel tree, tarball or version (default: $KSRC, or else 6.12)" },
	{ .name = "kernel-config", .type = OPT_LIST, I(config),
	  .arg = "FRAGMENT",
	  .help = "add kernel options: a file, or kasan, lockdep, prove-mmu, ...; can be repeated" },
	{ .name = "bzimage", .type = OPT_STRING, I(bzimage), .arg = "FILE",
	  .help = "boot this kernel as it is instead of building one" },
	{ .name = "modules", .type = OPT_STRING, I(modules), .arg = "DIR",
	  .help = "take the kernel's modules from DIR; KVM's are loaded at boot" },
	{ .name = "kvm-modules", .type = OPT_STRING, I(kvm_modules),
	  .arg = "DIR",
	  .help = "load kvm.ko, kvm-amd.ko and kvm-intel.ko from DIR instead" },
	{ .name = "add", .type = OPT_LIST, I(add), .arg = "PATH",
	  .help = "pack this file or directory too, under /add; can be repeated" },
	{ .name = "initramfs", .type = OPT_STRING, I(initramfs), .arg = "FILE",
	  .help = "boot this archive instead of packing one" },
	OPT_END
};

const char *image_unused(const struct image_opts *o)
{
	if (*o->bzimage && *o->ksrc)
		return "--bzimage boots a kernel that is built already, so --ksrc would do nothing; give one of the two";
	if (*o->bzimage && o->config.nr)
		return "--bzimage boots a kernel that is built already, so --kernel-config would do nothing; leave it out, or name the kernel's source with --ksrc instead of --bzimage";
	if (*o->initramfs && (o->add.nr || *o->modules || *o->kvm_modules))
		return "--initramfs boots an archive as it is, so --add, --modules and --kvm-modules would put nothing into it; leave them out, or pack it again with lab/image/initramfs.sh";
	return NULL;
}

/* Run a build script for the name of the file that it made or found. */
static int run_script(struct words *w, char *out, size_t size,
		      struct reason *why)
{
	int ret = tool_line(w, out, size, why);

	if (!ret && out[0] != '/')
		return reason_set(why, -EIO,
				  "a build script printed no file name");
	return tool_judge(ret, why);
}

static int get_kernel(const struct image_opts *o,
				 const struct places *p, struct image *img,
				 struct reason *why)
{
	const char *ksrc = *o->ksrc ? o->ksrc : getenv("KSRC");
	struct words w = { .nr = 0 };
	int err;
	char dir[900];

	if (*o->bzimage) {
		snprintf(img->kernel, sizeof(img->kernel), "%s", o->bzimage);
		return 0;
	}
	words_add(&w, "%s/lab/image/kernel.sh", p->top);
	words_add_all(&w, p->build, NULL);
	if (ksrc && *ksrc)
		words_add_all(&w, "--ksrc", ksrc, NULL);
	if (*o->kvm_modules)
		words_add_all(&w, "--config", "kvm-modules", NULL);
	for (unsigned int i = 0; i < o->config.nr; i++)
		words_add_all(&w, "--config", o->config.v[i], NULL);
	err = run_script(&w, dir, sizeof(dir), why);
	if (err)
		return err;
	snprintf(img->kernel, sizeof(img->kernel), "%s/bzImage", dir);
	snprintf(img->key, sizeof(img->key), "%.127s", strrchr(dir, '/') + 1);
	return 0;
}

static int get_initramfs(const struct image_opts *o,
				    const struct places *p, struct image *img,
				    struct reason *why)
{
	const char *modules = o->modules;
	struct words w = { .nr = 0 };
	char built[1100];

	if (*o->initramfs) {
		snprintf(img->initramfs, sizeof(img->initramfs), "%s",
			 o->initramfs);
		return 0;
	}
	words_add(&w, "%s/lab/image/initramfs.sh", p->top);
	words_add_all(&w, p->build, NULL);
	for (unsigned int i = 0; i < o->add.nr; i++)
		words_add_all(&w, "--add", o->add.v[i], NULL);
	if (!*modules && !*o->bzimage && *o->kvm_modules) {
		snprintf(built, sizeof(built), "%.*s/modules",
			 (int)(strrchr(img->kernel, '/') - img->kernel),
			 img->kernel);
		modules = built;
	}
	if (*modules)
		words_add_all(&w, "--modules", modules, NULL);
	if (*o->kvm_modules)
		words_add_all(&w, "--kvm-modules", o->kvm_modules, NULL);
	return run_script(&w, img->initramfs, sizeof(img->initramfs), why);
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

static int check_kernel(struct image *img, struct reason *why)
{
	const char *path = img->kernel;
	char head[1024], tail[1024];
	off_t size = peek(path, head, tail, sizeof(head));

	if (size < 0)
		return reason_usage(why, -EINVAL,
				  "cannot read the kernel %s: %s", path,
				  strerror(errno));
	if (size < 4096 || memcmp(head + 0x202, "HdrS", 4))
		return reason_usage(why, -EINVAL,
				  "%s is not a bzImage; give the file arch/x86/boot/bzImage of a kernel build, or /boot/vmlinuz-...",
				  path);
	if (size < bzimage_size(head))
		return reason_set(why, -EIO,
				  "the kernel %s is truncated: %lld bytes of %lld; copy it again, or remove it to have it built",
				  path, (long long)size, bzimage_size(head));
	get_release(head, path, img->release, sizeof(img->release));
	return 0;
}

static int check_initramfs(const char *path, struct reason *why)
{
	char head[1024], tail[1024];
	off_t size = peek(path, head, tail, sizeof(head));

	if (size < 0)
		return reason_usage(why, -EINVAL,
				  "cannot read the initramfs %s: %s", path,
				  strerror(errno));
	if (memcmp(head, "070701", 6))
		return reason_usage(why, -EINVAL,
				  "%s is not an uncompressed newc archive; make one with lab/image/initramfs.sh",
				  path);
	if (size % 512 || !memmem(tail, sizeof(tail), "TRAILER!!!", 10))
		return reason_set(why, -EIO,
				  "the initramfs %s is truncated after %lld bytes; remove it and run again",
				  path, (long long)size);
	return 0;
}

static int must_exist(const char *option, const char *path,
				 struct reason *why)
{
	if (!*path || !access(path, R_OK))
		return 0;
	return reason_usage(why, -EINVAL, "option --%s: '%s': %s", option,
			  path, strerror(errno));
}

static int check_files(const struct image_opts *o,
				  struct reason *why)
{
	int err;

	err = must_exist("bzimage", o->bzimage, why);
	if (!err)
		err = must_exist("initramfs", o->initramfs, why);
	if (!err)
		err = must_exist("modules", o->modules, why);
	if (!err)
		err = must_exist("kvm-modules", o->kvm_modules, why);
	for (unsigned int i = 0; !err && i < o->add.nr; i++)
		err = must_exist("add", o->add.v[i], why);
	return err;
}

/*
 * The emulators' own languages separate words with these.  Kernel builds do
 * too, and check the kernel tree's name by themselves.
 */
static int check_names(const struct places *p, struct reason *why)
{
	if (!p->build[strcspn(p->build, " \t\n:,")])
		return 0;
	return reason_usage(why, -EINVAL,
			  "the build directory %s has a blank, a colon or a comma in its name, which kernel builds and emulators cannot take; give another",
			  p->build);
}

int image_get(const struct image_opts *o, const struct places *p,
			 struct image *img, struct reason *why)
{
	int err;

	memset(img, 0, sizeof(*img));
	img->opts = o;
	err = check_names(p, why);
	if (!err)
		err = check_files(o, why);
	if (!err)
		err = get_kernel(o, p, img, why);
	if (!err)
		err = check_kernel(img, why);
	if (!err)
		err = get_initramfs(o, p, img, why);
	if (!err)
		err = check_initramfs(img->initramfs, why);
	return err;
}
