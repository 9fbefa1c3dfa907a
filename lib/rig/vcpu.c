// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs that run the guest program at CPL 3 (or 0), and their exits.
 *
 * The library builds kernel-mode vCPUs.  For ring 3 every level of the
 * guest's page tables gets the user bit, the segments get DPL 3, and a task
 * state segment with a ring-0 stack lets the library's exception handlers
 * report what went wrong.  Accessed and dirty bits of the guest's own tables
 * are set in advance: setting them is not the host MMU's work.
 * The guest walks 4 levels of tables, whatever the library made for this host,
 * unless 5 are asked for: so figures of two libraries can be compared.
 * (Intel SDM / AMD APM: segment descriptors, 64-bit task state segment,
 * 4-level and 5-level paging.)
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "guest/guestcode.h"
#include "rig/kvmcompat.h"
#include "internal.h"
#include "nested.h"
#include "smm.h"

#define PT_P	(1ull << 0)
#define PT_W	(1ull << 1)
#define PT_U	(1ull << 2)
#define PT_A	(1ull << 5)
#define PT_D	(1ull << 6)
#define PT_PS	(1ull << 7)
#define PT_ADDR	0x000ffffffffff000ull
#define RFLAGS_IF (1ull << 9)
#define CR4_LA57 (1ull << 12)

/* Selectors only have to carry RPL 3: nothing reloads them in the guest. */
#define USER_CODE_SELECTOR	0x33
#define USER_DATA_SELECTOR	0x2b
#define TSS_RSP0_OFFSET		4

static void open_to_user(struct kvm_vm *vm, uint64_t table_gpa, int level)
{
	uint64_t *table = addr_gpa2hva(vm, table_gpa);
	unsigned int i;

	for (i = 0; i < 512; i++) {
		if (!(table[i] & PT_P))
			continue;
		table[i] |= PT_U | PT_A;
		if (level == 1 || table[i] & PT_PS)
			table[i] |= PT_D;
		else
			open_to_user(vm, table[i] & PT_ADDR, level - 1);
	}
}

static void give_ring0_stack(struct rig *rig, struct kvm_sregs *sregs)
{
	uint64_t tss = compat_vm_alloc(rig->vm, 4096, 0x10000);
	uint64_t stack = compat_vm_alloc(rig->vm, 2 * 4096, 0x10000) + 2 * 4096;
	char *host = addr_gva2hva(rig->vm, tss);

	memcpy(host + TSS_RSP0_OFFSET, &stack, sizeof(stack));
	sregs->tr.base = tss;
}

static void set_user_segments(struct kvm_sregs *sregs)
{
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = USER_DATA_SELECTOR,
		.type = 3, .present = 1, .dpl = 3, .db = 1, .s = 1, .g = 1,
	};
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = USER_CODE_SELECTOR,
		.type = 11, .present = 1, .dpl = 3, .s = 1, .l = 1, .g = 1,
	};

	sregs->cs = code;
	sregs->ss = data;
	sregs->ds = data;
	sregs->es = data;
}

/*
 * Interrupts on: nothing is injected, but an emulator may deliver its host's
 * own timer to a guest only then (Bochs does), and a guest that loops would
 * never be left.
 */
static void enable_interrupts(struct kvm_vcpu *vcpu)
{
	struct kvm_regs regs;

	vcpu_regs_get(vcpu, &regs);
	regs.rflags |= RFLAGS_IF;
	vcpu_regs_set(vcpu, &regs);
}

/*
 * The top table of as many levels as the rig is to have.  All that the guest
 * maps lies below the first entry of a fifth level.
 */
static int find_root(struct rig *rig, uint64_t *root, struct reason *why)
{
	int have = compat_vm_levels(rig->vm), want = rig->cfg.guest_la57 ? 5 : 4;
	uint64_t *table, gva;

	*root = want == 4 ? compat_vm_root4(rig->vm) : compat_vm_root(rig->vm);
	if (want == 4 || have == 5)
		return 0;
	if (!kvm_cpu_has(X86_FEATURE_LA57))
		return reason_skip(why, -EOPNOTSUPP,
				   "this KVM gives its guests no 5-level paging");
	gva = compat_vm_alloc(rig->vm, 4096, 0x10000);
	table = addr_gva2hva(rig->vm, gva);
	table[0] = *root | PT_P | PT_W | PT_U | PT_A;
	*root = addr_gva2gpa(rig->vm, gva);
	return 0;
}

static void set_root(struct rig *rig, struct kvm_sregs *sregs, uint64_t root)
{
	sregs->cr3 = root;
	sregs->cr4 &= ~CR4_LA57;
	if (rig->cfg.guest_la57)
		sregs->cr4 |= CR4_LA57;
}

int rig_add_vcpus(struct rig *rig, struct reason *why)
{
	struct kvm_sregs sregs;
	unsigned int i;
	uint64_t root;
	int err = find_root(rig, &root, why);

	if (err)
		return err;
	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		struct kvm_vcpu *vcpu = vm_vcpu_add(rig->vm, i, rig->cfg.guest_nested ?
						    (void *)nested_main : guestcode_main);
		uint64_t nested = 0, job = RIG_AUX_GVA +
			((char *)rig->jobs[i] - (char *)rig->aux);

		if (rig->cfg.guest_nested)
			err = nested_add(rig, i, &nested, why);
		if (err)
			return err;
		rig->vcpus[i] = vcpu;
		rig->vcpu_fds[i] = vcpu->fd;
		compat_vcpu_prepare_exceptions(vcpu);
		vcpu_args_set(vcpu, 3, job, RIG_DOORBELL_GVA, nested);
		enable_interrupts(vcpu);
		vcpu_sregs_get(vcpu, &sregs);
		set_root(rig, &sregs, root);
		if (!rig->cfg.guest_kernel && !rig->cfg.guest_nested) {
			give_ring0_stack(rig, &sregs);
			set_user_segments(&sregs);
		}
		vcpu_sregs_set(vcpu, &sregs);
		if (rig->cfg.guest_smm)
			smm_add(rig, i, root);
	}
	open_to_user(rig->vm, root, rig->cfg.guest_la57 ? 5 : 4);
	return 0;
}

static int unexpected_exit(struct rig *rig, unsigned int i, struct reason *why)
{
	struct kvm_vcpu *vcpu = rig->vcpus[i];
	struct kvm_run *run = vcpu->run;
	struct kvm_regs regs = { 0 };
	struct ucall uc;

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	if (run->exit_reason == KVM_EXIT_IO &&
	    get_ucall(vcpu, &uc) == UCALL_ABORT)
		return reason_set(why, -EFAULT, "vCPU %u failed: %s", i,
				  compat_ucall_text(&uc));
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		return reason_set(why, -EFAULT,
				  "vCPU %u: KVM internal error %u at rip 0x%llx",
				  i, run->internal.suberror, regs.rip);
	return reason_set(why, -EFAULT,
			  "vCPU %u left KVM_RUN with unexpected exit reason %u at rip 0x%llx",
			  i, run->exit_reason, regs.rip);
}

int rig_enter(struct rig *rig, unsigned int i, struct reason *why)
{
	const struct rig_hooks *hooks = &rig->cfg.hooks;
	struct kvm_run *run = rig->vcpus[i]->run;
	int err, handled;

	for (;;) {
		err = ioctl(rig->vcpu_fds[i], KVM_RUN, NULL) < 0 ? errno : 0;
		if (err == EINTR && run->immediate_exit)
			return reason_set(why, -EINTR, "vCPU %u was stopped", i);
		handled = hooks->vcpu_exit ?
			  hooks->vcpu_exit(hooks->arg, i, err, why) : 0;
		if (handled < 0)
			return handled;
		if (handled > 0 || err == EINTR)
			continue;
		if (err)
			return reason_set(why, -err, "KVM_RUN of vCPU %u failed: %s",
					  i, strerror(err));
		if (run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write &&
		    run->mmio.phys_addr == RIG_DOORBELL_GPA)
			return 0;
		return unexpected_exit(rig, i, why);
	}
}

struct kvm_run *rig_kvm_run(struct rig *rig, unsigned int i)
{
	return rig->vcpus[i]->run;
}

void rig_kick(struct rig *rig, unsigned int i)
{
	rig->vcpus[i]->run->immediate_exit = 1;
}
