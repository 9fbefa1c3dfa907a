// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: how to make a guest touch pages with as little else as possible?
 *
 * Method: one vCPU in 32-bit protected mode without paging runs a loop of four
 * instructions over consecutive pages and ends with a port write.
 *
 * What it cannot tell: what page tables of the guest's own would cost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tiny.h"

#define TINY_PAGE_BYTES	4096ul
#define TINY_HUGE_BYTES	(2ul << 20)
#define TINY_CODE_GPA	0x1000ul
#define TINY_READ_OFF	0x100ul
#define TINY_MEM_GPA	0x10000000ul	/* chosen: above the code, 2M aligned */
#define TINY_TSS_GPA	0xfffbd000ul

/* loop: mov %eax,(%ebx); add $4096,%ebx; dec %ecx; jnz loop; out %al,$16 */
static const unsigned char write_loop[] = {
	0x89, 0x03, 0x81, 0xc3, 0x00, 0x10, 0x00, 0x00,
	0x49, 0x75, 0xf5, 0xe6, 0x10,
};

/* the same with mov (%ebx),%edx */
static const unsigned char read_loop[] = {
	0x8b, 0x13, 0x81, 0xc3, 0x00, 0x10, 0x00, 0x00,
	0x49, 0x75, 0xf5, 0xe6, 0x10,
};

void tiny_die(const char *what)
{
	fprintf(stderr, "bars: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int must(int ret, const char *what)
{
	if (ret < 0)
		tiny_die(what);
	return ret;
}

static void *pages_of(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		tiny_die("mmap of guest memory");
	return p;
}

static void set_slot(struct tiny_vm *t, uint32_t id, uint32_t flags,
		     uint64_t gpa, void *hva, uint64_t bytes)
{
	struct kvm_userspace_memory_region slot = {
		.slot = id,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = bytes,
		.userspace_addr = (uintptr_t)hva,
	};

	must(ioctl(t->vm_fd, KVM_SET_USER_MEMORY_REGION, &slot),
	     "KVM_SET_USER_MEMORY_REGION");
}

static void set_flat_segments(struct tiny_vm *t)
{
	struct kvm_segment flat = {
		.limit = ~0u, .present = 1, .db = 1, .s = 1, .g = 1,
		.selector = 16, .type = 3,
	};
	struct kvm_sregs s;

	must(ioctl(t->vcpu_fd, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
	s.ds = s.es = s.fs = s.gs = s.ss = flat;
	flat.selector = 8;
	flat.type = 11;
	s.cs = flat;
	s.cr0 |= 1;
	must(ioctl(t->vcpu_fd, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
}

static void open_vcpu(struct tiny_vm *t, int kvm_fd)
{
	int bytes = must(ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0),
			 "KVM_GET_VCPU_MMAP_SIZE");

	t->run_bytes = bytes;
	t->vcpu_fd = must(ioctl(t->vm_fd, KVM_CREATE_VCPU, 0),
			  "KVM_CREATE_VCPU");
	t->run = mmap(NULL, t->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		      t->vcpu_fd, 0);
	if (t->run == MAP_FAILED)
		tiny_die("mmap of kvm_run");
	set_flat_segments(t);
	t->vm_stats_fd = must(ioctl(t->vm_fd, KVM_GET_STATS_FD, NULL),
			      "KVM_GET_STATS_FD of the VM");
	t->vcpu_stats_fd = must(ioctl(t->vcpu_fd, KVM_GET_STATS_FD, NULL),
				"KVM_GET_STATS_FD of the vCPU");
}

void tiny_open(struct tiny_vm *t, unsigned long nr_pages, bool huge)
{
	size_t bytes = nr_pages * TINY_PAGE_BYTES;
	int kvm_fd = must(open("/dev/kvm", O_RDWR), "/dev/kvm");
	unsigned char *code = pages_of(TINY_PAGE_BYTES);
	uintptr_t mem = (uintptr_t)pages_of(bytes + TINY_HUGE_BYTES);

	memset(t, 0, sizeof(*t));
	t->nr_pages = nr_pages;
	t->vm_fd = must(ioctl(kvm_fd, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	/* Intel without unrestricted guests wants it; harmless elsewhere. */
	ioctl(t->vm_fd, KVM_SET_TSS_ADDR, TINY_TSS_GPA);
	memcpy(code, write_loop, sizeof(write_loop));
	memcpy(code + TINY_READ_OFF, read_loop, sizeof(read_loop));
	set_slot(t, 1, 0, TINY_CODE_GPA, code, TINY_PAGE_BYTES);

	t->mem = (void *)((mem + TINY_HUGE_BYTES - 1) & ~(TINY_HUGE_BYTES - 1));
	madvise(t->mem, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memset(t->mem, 1, bytes);
	t->bitmap = calloc(nr_pages / 64, sizeof(*t->bitmap));
	if (!t->bitmap)
		tiny_die("calloc of the log");
	set_slot(t, 0, 0, TINY_MEM_GPA, t->mem, bytes);
	open_vcpu(t, kvm_fd);
	close(kvm_fd);
}

void tiny_close(struct tiny_vm *t)
{
	munmap(t->run, t->run_bytes);
	close(t->vcpu_stats_fd);
	close(t->vm_stats_fd);
	close(t->vcpu_fd);
	close(t->vm_fd);
	munmap(t->mem, t->nr_pages * TINY_PAGE_BYTES);
	free(t->bitmap);
}

void tiny_set_log(struct tiny_vm *t, bool on)
{
	set_slot(t, 0, on ? KVM_MEM_LOG_DIRTY_PAGES : 0, TINY_MEM_GPA, t->mem,
		 t->nr_pages * TINY_PAGE_BYTES);
}

static void touch(struct tiny_vm *t, uint64_t rip, unsigned long first,
		  unsigned long nr_pages)
{
	struct kvm_regs regs = {
		.rip = rip,
		.rbx = TINY_MEM_GPA + first * TINY_PAGE_BYTES,
		.rcx = nr_pages,
		.rax = 0x5a,
		.rflags = 2,
	};

	must(ioctl(t->vcpu_fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	must(ioctl(t->vcpu_fd, KVM_RUN, 0), "KVM_RUN");
	if (t->run->exit_reason != KVM_EXIT_IO) {
		errno = EPROTO;
		tiny_die("the guest did not reach its last instruction");
	}
}

void tiny_read(struct tiny_vm *t, unsigned long first, unsigned long nr_pages)
{
	touch(t, TINY_CODE_GPA + TINY_READ_OFF, first, nr_pages);
}

void tiny_write(struct tiny_vm *t, unsigned long first, unsigned long nr_pages)
{
	touch(t, TINY_CODE_GPA, first, nr_pages);
}

unsigned long tiny_get_log(struct tiny_vm *t)
{
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = t->bitmap };
	unsigned long i, dirty_pages = 0;

	must(ioctl(t->vm_fd, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
	for (i = 0; i < t->nr_pages / 64; i++)
		dirty_pages += __builtin_popcountll(t->bitmap[i]);
	return dirty_pages;
}

void tiny_manual_clear(struct tiny_vm *t)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE,
	};

	must(ioctl(t->vm_fd, KVM_ENABLE_CAP, &cap),
	     "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2");
}

void tiny_clear_log(struct tiny_vm *t)
{
	struct kvm_clear_dirty_log clear = {
		.slot = 0,
		.num_pages = t->nr_pages,
		.dirty_bitmap = t->bitmap,
	};

	must(ioctl(t->vm_fd, KVM_CLEAR_DIRTY_LOG, &clear),
	     "KVM_CLEAR_DIRTY_LOG");
}

static uint64_t read_stat(int fd, const char *name)
{
	struct kvm_stats_header head;
	struct kvm_stats_desc *desc;
	uint64_t value = 0;
	size_t desc_bytes;
	bool found = false;
	uint32_t i;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		tiny_die("reading the header of the KVM stats");
	desc_bytes = sizeof(*desc) + head.name_size;
	desc = malloc(desc_bytes);
	if (!desc)
		tiny_die("malloc of a stats descriptor");
	for (i = 0; i < head.num_desc && !found; i++) {
		if (pread(fd, desc, desc_bytes, head.desc_offset +
			  i * desc_bytes) != (ssize_t)desc_bytes)
			tiny_die("reading a descriptor of the KVM stats");
		found = !strcmp(desc->name, name);
	}
	if (!found || pread(fd, &value, sizeof(value), head.data_offset +
			    desc->offset) != sizeof(value))
		tiny_die(name);
	free(desc);
	return value;
}

uint64_t tiny_vm_stat(const struct tiny_vm *t, const char *name)
{
	return read_stat(t->vm_stats_fd, name);
}

uint64_t tiny_vcpu_stat(const struct tiny_vm *t, const char *name)
{
	return read_stat(t->vcpu_stats_fd, name);
}
