// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a system call fail, for tests/check/endings: to be preloaded.
 *
 *	FAIL_CALL	name of one in the table below
 *	FAIL_ARG	only with this argument (default: with any)
 *	FAIL_FROM	the first call that fails, from 1 (default: none does)
 *	FAIL_ERRNO	errno it fails with; 0: it returns 0, as if absent
 *	FAIL_COUNT	file that gets the number of calls, when there were any
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { CALL_MPROTECT = 1, CALL_MAP_FIXED };

static const struct {
	const char *name;
	unsigned long request;
} calls[] = {
	{ "KVM_RUN", KVM_RUN },
	{ "KVM_GET_DIRTY_LOG", KVM_GET_DIRTY_LOG },
	{ "KVM_CHECK_EXTENSION", KVM_CHECK_EXTENSION },
	{ "KVM_SET_USER_MEMORY_REGION", KVM_SET_USER_MEMORY_REGION },
	{ "MADV_POPULATE_WRITE", MADV_POPULATE_WRITE },
	/* Not ioctls; numbers that none has. */
	{ "MPROTECT", CALL_MPROTECT },
	{ "MAP_FIXED", CALL_MAP_FIXED },
};

static unsigned long count;

static unsigned long number(const char *env, unsigned long def)
{
	const char *text = getenv(env);

	return text ? strtoul(text, NULL, 0) : def;
}

/* Is it time for this call to fail? */
static bool fails(unsigned long request, unsigned long arg)
{
	unsigned long from = number("FAIL_FROM", 0), n;
	const char *name = getenv("FAIL_CALL");
	unsigned int i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (name && !strcmp(name, calls[i].name) &&
		    request == calls[i].request)
			break;
	if (i == sizeof(calls) / sizeof(calls[0]) ||
	    arg != number("FAIL_ARG", arg))
		return false;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	return from && n >= from;
}

static int failure(void)
{
	errno = number("FAIL_ERRNO", EIO);
	return errno ? -1 : 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int fd, unsigned long request, void *arg);
	void *arg;
	va_list ap;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fails(request, (unsigned long)arg))
		return failure();
	if (!real)
		real = (int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT,
								   "ioctl");
	return real(fd, request, arg);
}

/* FAIL_ARG is the length. */
int madvise(void *addr, size_t len, int advice)
{
	static int (*real)(void *addr, size_t len, int advice);

	if (advice == MADV_POPULATE_WRITE && fails(advice, len))
		return failure();
	if (!real)
		real = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "madvise");
	return real(addr, len, advice);
}

/* FAIL_ARG is the length, here as well as below. */
int mprotect(void *addr, size_t len, int prot)
{
	static int (*real)(void *addr, size_t len, int prot);

	if (fails(CALL_MPROTECT, len))
		return failure();
	if (!real)
		real = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "mprotect");
	return real(addr, len, prot);
}

/* With errno 0 it returns @addr, as if all were mapped. */
void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	static void *(*real)(void *addr, size_t len, int prot, int flags, int fd,
			     off_t offset);

	if (flags & MAP_FIXED && fails(CALL_MAP_FIXED, len))
		return failure() ? MAP_FAILED : addr;
	if (!real)
		real = (void *(*)(void *, size_t, int, int, int, off_t))
			dlsym(RTLD_NEXT, "mmap");
	return real(addr, len, prot, flags, fd, offset);
}

static void __attribute__((destructor)) tell(void)
{
	const char *path = getenv("FAIL_COUNT");
	FILE *f = path && count ? fopen(path, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%lu\n", count);
	fclose(f);
}
