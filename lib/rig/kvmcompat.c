// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can a new selftests library drive an old kernel's KVM, and can its programs
 * start where there is no KVM at all?
 *
 * The library asks for KVM_SET_USER_MEMORY_REGION2, of Linux 6.8, even for
 * memory slots that older calls can describe.  Programs are linked with
 * --wrap=ioctl; where KVM does not know that call, the old one is used for
 * slots without a guest_memfd, whose descriptions begin alike.  So one build
 * runs on, and compares, all kernels that the lab boots.  Whatever else is
 * too new stays what it is: the library's SKIP.
 *
 * The library has a constructor, and its part for x86 reads a parameter of the
 * kvm module; without it a program would end before main(), and could not even
 * list its cases.  tools/kvmlib gives that part another name, so that the one
 * here comes first.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rig/kvmcompat.h"

int __real_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, ...);

#ifdef KVM_SET_USER_MEMORY_REGION2

_Static_assert(offsetof(struct kvm_userspace_memory_region2, userspace_addr) ==
	       offsetof(struct kvm_userspace_memory_region, userspace_addr),
	       "the new description must begin with the old one");

#ifndef KVM_MEM_GUEST_MEMFD
#define KVM_MEM_GUEST_MEMFD (1u << 2)
#endif

static int call(int fd, unsigned long request, void *arg)
{
	const struct kvm_userspace_memory_region2 *region = arg;
	int ret = __real_ioctl(fd, request, arg);

	if (request == KVM_SET_USER_MEMORY_REGION2 && ret && errno == ENOTTY &&
	    !(region->flags & KVM_MEM_GUEST_MEMFD))
		return __real_ioctl(fd, KVM_SET_USER_MEMORY_REGION, arg);
	if (request == KVM_CHECK_EXTENSION && !ret &&
	    (unsigned long)arg == KVM_CAP_USER_MEMORY2)
		return 1;
	return ret;
}

#else

/* A library that does not know the new call does not make it. */
#define call __real_ioctl

#endif

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *arg;
	va_list ap;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	return call(fd, request, arg);
}

/* Libraries before Linux 6.8 lack it. */
void kvmlib_arch_init(void) __attribute__((weak));
void kvm_selftest_arch_init(void);

void kvm_selftest_arch_init(void)
{
	if (kvmlib_arch_init &&
	    !access("/sys/module/kvm/parameters/force_emulation_prefix", R_OK))
		kvmlib_arch_init();
}
