/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_IMAGE_H
#define LAB_IMAGE_H

#include "base/opt.h"
#include "lab/base/places.h"

/* What a host is to boot; a text is empty where nothing was asked for. */
struct image_opts {
	const char *ksrc;	/* for tools/ksrc; else $KSRC, if any */
	const char *bzimage;	/* boot this kernel instead */
	const char *initramfs;	/* boot this archive instead */
	const char *modules, *kvm_modules;
	struct opt_list config;	/* fragments of kernel configuration */
	struct opt_list add;	/* files and directories to pack */
};

extern const struct opt image_table[];

/* What a host boots. */
struct image {
	const struct image_opts *opts;	/* what it was made from */
	char kernel[1024];
	char initramfs[1024];
	char key[128];		/* of the kernel, for the record */
	char release[96];	/* its version, as the image says */
};

/*
 * Which option would have no effect beside the others?  A sentence, or NULL.
 */
const char *image_unused(const struct image_opts *o);

/* Build or find what @o, which must stay, asks for.  0 or -errno with @why. */
int image_get(const struct image_opts *o, const struct places *p,
	      struct image *img, struct reason *why);

#endif
