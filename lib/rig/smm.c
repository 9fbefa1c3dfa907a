// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a guest get work done in system management mode?
 *
 * An SMI finds the CPU in 16-bit mode at its SMBASE, in an address space of
 * memslots of its own.  A few instructions there take it to 64-bit mode with the
 * page tables that the vCPU has otherwise, call the same self-checking loop for
 * a few turns, and RSM takes it back to where it was.  (Intel SDM, AMD APM:
 * system management mode.)
 *
 * All memslots exist in both address spaces, see rig_set_slot(); SMRAM in this
 * one alone.  The loop runs in ring 0 and uses general registers only, which RSM
 * restores.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "guest/stress.h"
#include "rig/kvmcompat.h"
#include "internal.h"
#include "smm.h"

#define SMRAM_BYTES	0x10000u	/* of a vCPU */
#define ENTRY		0x8000u		/* from SMBASE, fixed by the CPU */
#define STACK_BYTES	(4 * 4096u)
#define SMM_TURNS	32u		/* of an SMI; chosen */

#define CR0_64BIT	0x80010033u	/* PG WP NE ET MP PE */
#define CR4_64BIT	0x620u		/* OSXMMEXCPT OSFXSR PAE */

/* What stands behind the code, copied with it; the order is that of the asm. */
struct smm_data {
	uint64_t gdt[3];
	uint64_t rsp, main, arg;
	uint32_t cr3, cr4, cr0;
	uint32_t far_offset;
	uint16_t far_selector;
	uint16_t gdt_limit;
	uint32_t gdt_base;
} __attribute__((packed));

extern const char smm_code[], smm_code64[], smm_data[];

/* %cs:(label - smm_code + 0x8000): where the CPU finds it in SMRAM. */
asm(".pushsection .text\n"
    ".balign 16\n"
    "smm_code:\n"
    ".code16\n"
    "	movl %cs:(smm_cr4 - smm_code + 0x8000), %eax\n"
    "	movl %eax, %cr4\n"
    "	movl %cs:(smm_cr3 - smm_code + 0x8000), %eax\n"
    "	movl %eax, %cr3\n"
    "	movl $0xc0000080, %ecx\n"	/* EFER: NXE, LME */
    "	movl $0x900, %eax\n"
    "	xorl %edx, %edx\n"
    "	wrmsr\n"
    "	lgdtl %cs:(smm_gdtr - smm_code + 0x8000)\n"
    "	movl %cs:(smm_cr0 - smm_code + 0x8000), %eax\n"
    "	movl %eax, %cr0\n"
    "	ljmpl *%cs:(smm_far - smm_code + 0x8000)\n"
    ".code64\n"
    "smm_code64:\n"
    "	movl $0x10, %eax\n"
    "	movl %eax, %ss\n"
    "	movl %eax, %ds\n"
    "	movl %eax, %es\n"
    "	movq smm_rsp(%rip), %rsp\n"
    "	movq smm_arg(%rip), %rdi\n"
    "	call *smm_main_at(%rip)\n"
    "	rsm\n"
    ".balign 8\n"
    "smm_data:\n"
    "	.quad 0, 0, 0\n"
    "smm_rsp: .quad 0\n"
    "smm_main_at: .quad 0\n"
    "smm_arg: .quad 0\n"
    "smm_cr3: .long 0\n"
    "smm_cr4: .long 0\n"
    "smm_cr0: .long 0\n"
    "smm_far: .long 0\n"
    "	.word 0\n"
    "smm_gdtr: .word 0\n"
    "	.long 0\n"
    "smm_end:\n"
    ".popsection\n");

/* In the guest. */
static void smm_main(struct smm *s)
{
	static const volatile uint32_t never;

	s->runs++;
	if (s->stress_gva)
		stress_turns((struct stress_guest *)s->stress_gva, &never,
			     SMM_TURNS);
}

/* The library's own memory, for the other address space. */
static int share_library_slot(struct rig *rig, struct reason *why)
{
	const struct userspace_mem_region *r = memslot2region(rig->vm, 0);
	struct kvm_userspace_memory_region region = {
		.slot = RIG_SMM_SPACE,
		.guest_phys_addr = r->region.guest_phys_addr,
		.memory_size = r->region.memory_size,
		.userspace_addr = r->region.userspace_addr,
	};

	if (!ioctl(rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return 0;
	return reason_set(why, -errno, "KVM refuses memslot 0 for SMM: %s",
			  strerror(errno));
}

static int add_smram(struct rig *rig, struct reason *why)
{
	uint64_t bytes = (uint64_t)SMRAM_BYTES * rig->cfg.nr_vcpus;
	struct kvm_userspace_memory_region region = {
		.slot = RIG_SMM_SPACE | RIG_SMRAM_SLOT,
		.guest_phys_addr = RIG_SMRAM_GPA, .memory_size = bytes,
	};

	rig->smram = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (rig->smram == MAP_FAILED) {
		rig->smram = NULL;
		return reason_set(why, -ENOMEM, "no memory for SMRAM");
	}
	rig->smram_bytes = bytes;
	region.userspace_addr = (uintptr_t)rig->smram;
	if (ioctl(rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return reason_set(why, -errno, "KVM refuses a memslot of SMRAM: %s",
				  strerror(errno));
	/* Its code runs where it lies, once paging is on. */
	virt_map_level(rig->vm, RIG_SMRAM_GPA, RIG_SMRAM_GPA, bytes, PG_LEVEL_4K);
	return 0;
}

int smm_check(struct rig *rig, struct reason *why)
{
	if (ioctl(rig->vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_SMM) < 1 ||
	    ioctl(rig->vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_MULTI_ADDRESS_SPACE) < 2)
		return reason_skip(why, -EOPNOTSUPP,
				   "this KVM has no system management mode; it needs CONFIG_KVM_SMM");
	return 0;
}

int smm_open(struct rig *rig, struct reason *why)
{
	int err;

	rig->smm = calloc(rig->cfg.nr_vcpus, sizeof(*rig->smm));
	if (!rig->smm)
		return reason_set(why, -ENOMEM, "no memory for %u vCPUs",
				  rig->cfg.nr_vcpus);
	err = share_library_slot(rig, why);
	return err ? err : add_smram(rig, why);
}

void smm_add(struct rig *rig, unsigned int i, uint64_t root_gpa)
{
	uint32_t base = RIG_SMRAM_GPA + i * SMRAM_BYTES;
	uint32_t data_at = base + ENTRY + (smm_data - smm_code);
	uint64_t gva = compat_vm_alloc(rig->vm, sizeof(struct smm), 0x10000);
	struct smm_data d = {
		.gdt = { 0, 0x00af9b000000ffffull, 0x00cf93000000ffffull },
		.rsp = compat_vm_alloc(rig->vm, STACK_BYTES, 0x10000) + STACK_BYTES,
		.main = (uintptr_t)smm_main, .arg = gva,
		.cr3 = root_gpa, .cr4 = CR4_64BIT, .cr0 = CR0_64BIT,
		.far_offset = base + ENTRY + (smm_code64 - smm_code),
		.far_selector = 0x08,
		.gdt_limit = sizeof(d.gdt) - 1, .gdt_base = data_at,
	};
	char *code = (char *)rig->smram + i * SMRAM_BYTES + ENTRY;

	memcpy(code, smm_code, smm_data - smm_code);
	memcpy(code + (smm_data - smm_code), &d, sizeof(d));
	vcpu_set_msr(rig->vcpus[i], MSR_IA32_SMBASE, base);
	rig->smm[i] = addr_gva2hva(rig->vm, gva);
}

void smm_close(struct rig *rig)
{
	if (rig->smram)
		munmap(rig->smram, rig->smram_bytes);
	free(rig->smm);
}

int rig_smi(struct rig *rig, unsigned int i, struct reason *why)
{
	if (!ioctl(rig->vcpu_fds[i], KVM_SMI, NULL))
		return 0;
	return reason_set(why, -errno, "KVM_SMI of vCPU %u failed: %s", i,
			  strerror(errno));
}

void rig_smm_stress(struct rig *rig, unsigned int i, uint64_t stress_gva)
{
	rig->smm[i]->stress_gva = stress_gva;
}
