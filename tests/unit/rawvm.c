// SPDX-License-Identifier: GPL-2.0-only
/* A VM of a few lines, see rawvm.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "rawvm.h"

#define CODE_GPA	0x1000u
#define MEM_GPA		0x1000000u
#define CODE_SLOT	0

static const uint8_t guest_code[] = {
	0x89, 0x03,		/* 1: mov %eax,(%ebx) */
	0x01, 0xd3,		/*    add %edx,%ebx */
	0x49,			/*    dec %ecx */
	0x75, 0xf9,		/*    jnz 1b */
	0xf4,			/*    hlt */
};

static int add_slot(struct rawvm *vm, uint32_t slot, uint64_t gpa, void *hva,
		    uint64_t nr_pages)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .guest_phys_addr = gpa,
		.memory_size = nr_pages * 4096,
		.userspace_addr = (uintptr_t)hva,
	};

	return ioctl(vm->rig.vm_fd, KVM_SET_USER_MEMORY_REGION, &r);
}

static int add_memory(struct rawvm *vm, uint64_t nr_pages,
		      unsigned int nr_slots)
{
	struct rig *rig = &vm->rig;
	uint64_t i, left = nr_pages;

	rig->slot_pages = (nr_pages + nr_slots - 1) / nr_slots;
	rig->slot_flags = calloc(nr_slots, sizeof(*rig->slot_flags));
	rig->mem = (struct gpages) {
		.gpa = MEM_GPA, .nr_pages = nr_pages, .slot = RIG_FIRST_SLOT,
	};
	rig->mem.hva = mmap(NULL, nr_pages * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	vm->code = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (rig->mem.hva == MAP_FAILED || vm->code == MAP_FAILED)
		return -1;
	memcpy(vm->code, guest_code, sizeof(guest_code));
	if (add_slot(vm, CODE_SLOT, CODE_GPA, vm->code, 1))
		return -1;
	for (i = 0; i < nr_slots; i++) {
		uint64_t first = i * rig->slot_pages;
		uint64_t nr = left < rig->slot_pages ? left : rig->slot_pages;

		if (add_slot(vm, RIG_FIRST_SLOT + i, MEM_GPA + first * 4096,
			     (char *)rig->mem.hva + first * 4096, nr))
			return -1;
		left -= nr;
	}
	return 0;
}

static void flat_segment(struct kvm_segment *s, unsigned int type)
{
	*s = (struct kvm_segment) {
		.base = 0, .limit = 0xffffffff, .selector = 8, .type = type,
		.present = 1, .db = 1, .s = 1, .g = 1,
	};
}

static int add_vcpu(struct rawvm *vm, unsigned int i)
{
	struct kvm_sregs sregs;
	int fd = ioctl(vm->rig.vm_fd, KVM_CREATE_VCPU, (unsigned long)i);

	if (fd < 0)
		return -1;
	vm->rig.vcpu_fds[i] = fd;
	vm->rig.cfg.nr_vcpus = i + 1;
	vm->runs[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   0);
	if (vm->runs[i] == MAP_FAILED || ioctl(fd, KVM_GET_SREGS, &sregs))
		return -1;
	flat_segment(&sregs.cs, 11);
	flat_segment(&sregs.ds, 3);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 |= 1;
	return ioctl(fd, KVM_SET_SREGS, &sregs);
}

int rawvm_create(struct rawvm *vm, unsigned int nr_vcpus, uint64_t nr_pages,
		 unsigned int nr_slots, struct dirty *d, struct reason *why)
{
	struct rig *rig = &vm->rig;
	unsigned int i;
	int err;

	memset(vm, 0, sizeof(*vm));
	rig->vm_fd = -1;
	rig->cfg.nr_slots = nr_slots;
	rig->vcpu_fds = calloc(nr_vcpus, sizeof(int));
	vm->runs = calloc(nr_vcpus, sizeof(*vm->runs));
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		goto fail;
	rig->vm_fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0ul);
	if (rig->vm_fd < 0)
		goto fail;
	/* Wanted by Intel processors; others do not mind. */
	ioctl(rig->vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000ul);
	if (add_memory(vm, nr_pages, nr_slots))
		goto fail;
	err = d ? dirty_vm_created(d, rig, why) : 0;
	if (err)
		return err;
	for (i = 0; i < nr_vcpus; i++)
		if (add_vcpu(vm, i))
			goto fail;
	return 0;
fail:
	err = errno;
	return reason_set(why, -err, "no test VM: %s", strerror(err));
}

void rawvm_destroy(struct rawvm *vm)
{
	struct rig *rig = &vm->rig;
	unsigned int i;

	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		munmap(vm->runs[i], 4096);
		close(rig->vcpu_fds[i]);
	}
	if (rig->vm_fd >= 0)
		close(rig->vm_fd);
	if (vm->kvm_fd >= 0)
		close(vm->kvm_fd);
	if (rig->mem.hva)
		munmap(rig->mem.hva, rig->mem.nr_pages * 4096);
	if (vm->code)
		munmap(vm->code, 4096);
	free(rig->vcpu_fds);
	free(rig->slot_flags);
	free(vm->runs);
}

static int run_until_halt(struct rawvm *vm, unsigned int vcpu, struct dirty *d)
{
	unsigned int exits;

	/* 32 writes are few: more exits than that mean no progress. */
	for (exits = 0; exits < 100; exits++) {
		if (ioctl(vm->rig.vcpu_fds[vcpu], KVM_RUN, 0ul))
			return -errno;
		if (vm->runs[vcpu]->exit_reason == KVM_EXIT_HLT)
			return 0;
		if (dirty_vcpu_exit(d, vcpu, NULL) != 1)
			return -EIO;
	}
	return -ELOOP;
}

int rawvm_write(struct rawvm *vm, unsigned int vcpu, struct dirty *d,
		uint64_t first, uint64_t end, uint64_t step)
{
	uint64_t page = first;

	while (page < end) {
		uint64_t nr = (end - page + step - 1) / step;
		struct kvm_regs regs = {
			.rip = CODE_GPA, .rflags = 2, .rax = 0x55,
			.rbx = MEM_GPA + page * 4096, .rdx = step * 4096,
		};
		int err;

		regs.rcx = nr < 32 ? nr : 32;
		if (ioctl(vm->rig.vcpu_fds[vcpu], KVM_SET_REGS, &regs))
			return -errno;
		err = run_until_halt(vm, vcpu, d);
		if (err)
			return err;
		page += regs.rcx * step;
	}
	return 0;
}
