// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: after the host took something away from a guest, can a vCPU that
 * never leaves the guest go on by what its TLB remembers, and how long?
 *
 * Method: a vCPU on CPU 1 writes every page of a slot, then counts in one word of
 * the last, in a loop of two instructions.  The host, on CPU 0, does one of
 * these, and the call returns:
 *   log    dirty logging begins
 *   get    KVM_GET_DIRTY_LOG takes the page's bit
 *   clear  KVM_CLEAR_DIRTY_LOG takes the page's bit
 *   unmap  other memory is mapped in the place of the page
 * Whatever the guest counts from then on has to be in the log, or must not be
 * in the old memory.  A write that is not is a failure, however short it lasts.
 * The log is read without a flush: by get when nothing was dirty, else in the
 * mode where only clear write-protects.
 *
 * What it cannot tell: that a flush is missing, if the emulator or a timer's
 * tick took the vCPU out of its guest in the meantime; then this passes.
 *
 * usage: stale log|get|clear|unmap [SECONDS]
 *   SECONDS  how long to watch a stale entry live (default 2)
 * Exit status: 0 no such write, 1 there was one or the guest stands still, 4 this
 * host cannot.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SKIP 4
#define CODE_GPA 0x1000UL
#define PML4_GPA 0x2000UL
#define PDPT_GPA 0x3000UL
#define PD_GPA 0x4000UL
#define DATA_GPA 0x200000UL
/*
 * Changing a memslot kicks each vCPU first.  It has to be back in its guest
 * before its page is protected, which is why that is the last of many; huge
 * pages, which KVM splits then, are there sooner.  Chosen: some 2 ms in an emulator.
 */
#define PAGES 8192UL
#define DATA_BYTES (PAGES * 4096)
#define COUNT_GPA (DATA_GPA + DATA_BYTES - 4096)
#define DATA_SLOT 1
#define CR0_PE_ET_WP_PG 0x80010011UL
#define CR4_PAE 0x20UL
#define EFER_LME_LMA 0x500UL

struct vm {
	int fd, vcpu;
	char *low;		/* code and page tables */
	char *data;		/* what the slot maps */
	volatile uint64_t *count; /* the guest's word */
};

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(SKIP, "two CPUs are needed, CPU %d", cpu);
}

static int call(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(SKIP, "%s", what);
	return ret;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void set_slot(struct vm *vm, int slot, uint64_t gpa, void *mem,
		     uint64_t bytes, uint32_t flags)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = bytes,
		.userspace_addr = (uintptr_t)mem,
	};

	call(vm->fd, KVM_SET_USER_MEMORY_REGION, &r, "a memslot");
}

static void *map(int fd, void *at)
{
	int flags = (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED) |
		    (at ? MAP_FIXED : 0);
	void *p = mmap(at, DATA_BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(SKIP, "mmap");
	return p;
}

/* What is to be unmapped, seen through a second mapping. */
static void make_shared(struct vm *vm)
{
	int fd = memfd_create("stale", 0);

	if (fd < 0 || ftruncate(fd, DATA_BYTES))
		err(SKIP, "memfd");
	vm->data = map(fd, NULL);
	vm->count = (uint64_t *)((char *)map(fd, NULL) + COUNT_GPA - DATA_GPA);
}

/* Huge pages, begun at a border of 2 MiB. */
static void make_huge(struct vm *vm)
{
	char *p = map(-1, NULL);

	munmap(p, DATA_BYTES);
	p = (char *)(((uintptr_t)p + 0x1fffff) & ~0x1fffffUL);
	vm->data = map(-1, p);
	madvise(vm->data, DATA_BYTES, MADV_HUGEPAGE);
	vm->count = (uint64_t *)(vm->data + COUNT_GPA - DATA_GPA);
}

/* 64-bit mode, all below 1 GiB mapped to itself by pages of 2 MiB. */
static void fill_low(struct vm *vm)
{
	static const unsigned char loop[] = {
		0xc6, 0x07, 0x01,	/* 1: movb $1, (%rdi) */
		0x48, 0x81, 0xc7, 0, 0x10, 0, 0, /* addq $4096, %rdi */
		0x48, 0x39, 0xf7,	/* cmpq %rsi, %rdi */
		0x72, 0xf1,		/* jb 1b */
		0x48, 0xff, 0x06,	/* 2: incq (%rsi) */
		0xeb, 0xfb,		/* jmp 2b */
	};
	uint64_t *pd;

	vm->low = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->low == MAP_FAILED)
		err(SKIP, "mmap");
	memcpy(vm->low + CODE_GPA, loop, sizeof(loop));
	*(uint64_t *)(vm->low + PML4_GPA) = PDPT_GPA | 7;
	*(uint64_t *)(vm->low + PDPT_GPA) = PD_GPA | 7;
	pd = (uint64_t *)(vm->low + PD_GPA);
	for (uint64_t i = 0; i < 512; i++)
		pd[i] = i << 21 | 0xe7; /* present, write, user, A, D, large */
}

static void set_registers(struct vm *vm, uint64_t first)
{
	struct kvm_segment code = { .base = 0, .limit = ~0U, .selector = 8,
				    .type = 11, .present = 1, .s = 1, .l = 1,
				    .g = 1 };
	struct kvm_segment data = { .base = 0, .limit = ~0U, .selector = 16,
				    .type = 3, .present = 1, .s = 1, .db = 1,
				    .g = 1 };
	struct kvm_regs regs = { .rip = CODE_GPA, .rdi = first,
				 .rsi = COUNT_GPA, .rflags = 2 };
	struct kvm_sregs s;

	call(vm->vcpu, KVM_GET_SREGS, &s, "KVM_GET_SREGS");
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = CR0_PE_ET_WP_PG;
	s.cr3 = PML4_GPA;
	s.cr4 = CR4_PAE;
	s.efer = EFER_LME_LMA;
	call(vm->vcpu, KVM_SET_SREGS, &s, "KVM_SET_SREGS");
	call(vm->vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

/* Without it there is no long mode. */
static void set_cpuid(struct vm *vm, int kvm)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[100];
	} cpuid = { .head.nent = 100 };

	call(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid, "KVM_GET_SUPPORTED_CPUID");
	call(vm->vcpu, KVM_SET_CPUID2, &cpuid, "KVM_SET_CPUID2");
}

static void make_vm(struct vm *vm, const char *what)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
				      .args = { 1 } };
	int kvm = open("/dev/kvm", O_RDWR);

	if (kvm < 0)
		err(SKIP, "/dev/kvm");
	vm->fd = call(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	if (strcmp(what, "get"))
		call(vm->fd, KVM_ENABLE_CAP, &cap, "manual protection");
	call(vm->fd, KVM_SET_TSS_ADDR, (void *)0xfffbd000, "KVM_SET_TSS_ADDR");
	fill_low(vm);
	if (!strcmp(what, "unmap"))
		make_shared(vm);
	else
		make_huge(vm);
	set_slot(vm, 0, 0, vm->low, 0x10000, 0);
	set_slot(vm, DATA_SLOT, DATA_GPA, vm->data, DATA_BYTES, 0);
	vm->vcpu = call(vm->fd, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	set_cpuid(vm, kvm);
	/* Small pages would take long. */
	set_registers(vm, strcmp(what, "unmap") ? DATA_GPA : COUNT_GPA);
}

static void *run_vcpu(void *arg)
{
	struct vm *vm = arg;

	pin(1);
	for (;;)
		ioctl(vm->vcpu, KVM_RUN, NULL);
	return NULL;
}

/* Chosen: longer than an emulator on a busy machine needs for the first. */
static void wait_for_counts(struct vm *vm, uint64_t counts, int status)
{
	uint64_t from = *vm->count;

	for (double end = now_ms() + 20000; *vm->count < from + counts;)
		if (now_ms() > end)
			errx(status, "the guest does not count any more");
}

static int is_logged(struct vm *vm)
{
	uint64_t bitmap[PAGES / 64] = { 0 };
	struct kvm_dirty_log log = { .slot = DATA_SLOT, .dirty_bitmap = bitmap };

	call(vm->fd, KVM_GET_DIRTY_LOG, &log, "KVM_GET_DIRTY_LOG");
	return bitmap[PAGES / 64 - 1] >> 63;
}

static void clear(struct vm *vm)
{
	uint64_t bitmap[PAGES / 64] = { [PAGES / 64 - 1] = 1ULL << 63 };
	struct kvm_clear_dirty_log log = { .slot = DATA_SLOT,
					   .num_pages = PAGES,
					   .dirty_bitmap = bitmap };

	call(vm->fd, KVM_CLEAR_DIRTY_LOG, &log, "KVM_CLEAR_DIRTY_LOG");
}

/* The host call of this case; what the guest counts after it is judged. */
static void take(struct vm *vm, const char *what)
{
	if (!strcmp(what, "unmap")) {
		map(-1, vm->data);
		return;
	}
	set_slot(vm, DATA_SLOT, DATA_GPA, vm->data, DATA_BYTES,
		 KVM_MEM_LOG_DIRTY_PAGES);
	if (!strcmp(what, "log"))
		return;
	while (!is_logged(vm))	/* of get, this is the call itself */
		wait_for_counts(vm, 2, 1);
	if (!strcmp(what, "clear"))
		clear(vm);
}

/* Did nothing go past the host?  *last is the word when last looked at. */
static int is_clean(struct vm *vm, const char *what, uint64_t *last)
{
	uint64_t was = *last;

	if (strcmp(what, "unmap")) {
		wait_for_counts(vm, 2, 1);
		return is_logged(vm);
	}
	usleep(20000);
	*last = *vm->count;
	return *last == was;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	double seconds = argc > 2 ? atof(argv[2]) : 2, begin, lived;
	struct vm vm = { 0 };
	pthread_t thread;
	uint64_t last, from;
	int clean, rounds;

	if (!strstr("log get clear unmap", what) || strlen(what) < 3)
		errx(64, "usage: stale log|get|clear|unmap [SECONDS]");
	/* The others cannot be done again.  Chosen: 10, at some ms each. */
	rounds = !strcmp(what, "get") || !strcmp(what, "clear") ? 10 : 1;
	pin(0);
	make_vm(&vm, what);
	if (pthread_create(&thread, NULL, run_vcpu, &vm))
		errx(SKIP, "no thread");
	wait_for_counts(&vm, 1000, SKIP);
	/* One that a tick has hidden shows the next time. */
	do {
		take(&vm, what);
		begin = now_ms();
		from = last = *vm.count;
		clean = is_clean(&vm, what, &last);
	} while (clean && --rounds);
	if (clean) {
		printf("stale %s: nothing went past the host\n", what);
		return 0;
	}
	while (!is_clean(&vm, what, &last) && now_ms() - begin < seconds * 1e3)
		;
	lived = now_ms() - begin;
	printf("stale %s: the guest wrote %llu times past the host, for %s%.0f ms\n",
	       what, (unsigned long long)(*vm.count - from),
	       lived < seconds * 1e3 ? "" : "at least ", lived);
	return 1;
}
