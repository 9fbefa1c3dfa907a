// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can this rig be built here?  Every size and every host resource is checked
 * before the selftests library is called, because the library's own answer to
 * bad input is an assertion.  What it cannot tell: memory that another
 * process takes between the check and its use.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "base/opt.h"
#include "internal.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

uint64_t rig_total_bytes(const struct rig_config *cfg)
{
	return cfg->vcpu_bytes * (cfg->overlap ? 1 : cfg->nr_vcpus);
}

static bool is_power_of_2(uint64_t v)
{
	return v && !(v & (v - 1));
}

static int check_multiple(const char *what, uint64_t bytes, uint64_t of,
			  const char *of_what, struct reason *why)
{
	char a[24], b[24];

	if (bytes % of == 0)
		return 0;
	opt_format_bytes(bytes, a, sizeof(a));
	opt_format_bytes(of, b, sizeof(b));
	return reason_usage(why, -EINVAL,
			    "%s of %s is no multiple of the %s of %s; round it up",
			    what, a, of_what, b);
}

static int check_units(const struct rig_config *cfg, struct reason *why)
{
	unsigned int sharers = cfg->overlap ? cfg->nr_vcpus : 1;

	if (!is_power_of_2(cfg->unit_bytes) || cfg->unit_bytes < GUEST_UNIT_MIN)
		return reason_usage(why, -EINVAL,
				    "unit of %u bytes must be a power of two of at least %u",
				    cfg->unit_bytes, GUEST_UNIT_MIN);
	if (GUEST_UNIT_WORD(sharers) > cfg->unit_bytes)
		return reason_usage(why, -EINVAL,
				    "a unit of %u bytes cannot be shared by %u vCPUs; use --unit %u or no --overlap",
				    cfg->unit_bytes, sharers, 4096);
	if (cfg->vcpu_bytes / cfg->unit_bytes > ORDER_UNIT_MASK)
		return reason_usage(why, -EINVAL,
				    "%" PRIu64 " units per vCPU are more than %u; use larger units",
				    cfg->vcpu_bytes / cfg->unit_bytes,
				    ORDER_UNIT_MASK);
	return 0;
}

int rig_check_config(const struct rig_config *cfg, struct reason *why)
{
	uint64_t backing = rig_backing_page_bytes(cfg->backing);
	int ret;

	if (!cfg->nr_vcpus)
		return reason_usage(why, -EINVAL, "0 vCPUs measure nothing; use --vcpus 1 or more");
	if (!cfg->vcpu_bytes)
		return reason_usage(why, -EINVAL, "0 bytes per vCPU measure nothing; use --bytes 4K or more");
	if (cfg->vcpu_bytes > UINT64_MAX / cfg->nr_vcpus ||
	    rig_total_bytes(cfg) > 64 * 1024 * GIB)
		return reason_usage(why, -EINVAL,
				    "more than 64T of guest memory does not fit the guest's address space; use less --bytes");
	if (cfg->guest_page_bytes != 4 * KIB &&
	    cfg->guest_page_bytes != 2 * MIB && cfg->guest_page_bytes != GIB)
		return reason_usage(why, -EINVAL,
				    "guest page size must be 4K, 2M or 1G");
	ret = check_multiple("memory per vCPU", cfg->vcpu_bytes, backing,
			     "page size of the backing", why);
	if (!ret)
		ret = check_multiple("memory per vCPU", cfg->vcpu_bytes,
				     cfg->guest_page_bytes, "guest page size",
				     why);
	if (!ret)
		ret = check_units(cfg, why);
	if (ret)
		return ret;
	if (!cfg->nr_slots || rig_total_bytes(cfg) % cfg->nr_slots ||
	    rig_total_bytes(cfg) / cfg->nr_slots % backing)
		return reason_usage(why, -EINVAL,
				    "the memory cannot be cut into %u memslots of whole backing pages",
				    cfg->nr_slots);
	if (cfg->gpa && (cfg->gpa < RIG_AUX_GPA + 4 * GIB ||
			 cfg->gpa % (backing > cfg->guest_page_bytes ?
				     backing : cfg->guest_page_bytes)))
		return reason_usage(why, -EINVAL,
				    "guest physical address 0x%" PRIx64 " must be at least 8G and aligned to the page sizes in use",
				    cfg->gpa);
	return 0;
}

static uint64_t meminfo_bytes(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	uint64_t kib, found = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^:]: %" SCNu64, name, &kib) == 2 &&
		    !strcmp(name, key))
			found = kib * KIB;
	if (f)
		fclose(f);
	return found;
}

static uint64_t free_hugepages(uint64_t page_bytes)
{
	char path[96];
	uint64_t nr = 0;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages",
		 page_bytes / KIB);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%" SCNu64, &nr) != 1)
		nr = 0;
	fclose(f);
	return nr;
}

static int check_hugepages(uint64_t need, uint64_t page, struct reason *why)
{
	uint64_t have = free_hugepages(page);

	if (have >= need / page)
		return 0;
	return reason_skip(why, -EOPNOTSUPP,
			   "needs %" PRIu64 " free huge pages of %" PRIu64 "kB, there are %" PRIu64 "; echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
			   need / page, page / KIB, have, need / page,
			   page / KIB);
}

static int check_memory(const struct rig_config *cfg, struct reason *why)
{
	uint64_t guest = rig_total_bytes(cfg), need = cfg->host_bytes, have;
	char a[24], b[24];
	int err;

	if (cfg->backing == BACKING_HUGETLB_2M ||
	    cfg->backing == BACKING_HUGETLB_1G) {
		err = check_hugepages(guest,
				      rig_backing_page_bytes(cfg->backing), why);
		if (err)
			return err;
	} else {
		need += guest;
	}
	have = meminfo_bytes("MemAvailable");
	/* Page tables, order tables and oracles take up to a tenth more. */
	if (!have || need + guest / 10 + 16 * MIB <= have)
		return 0;
	opt_format_bytes(need, a, sizeof(a));
	opt_format_bytes(have / MIB * MIB, b, sizeof(b));
	return reason_skip(why, -EOPNOTSUPP,
			   "this needs %s of memory, %s are available; use fewer --vcpus or less --bytes",
			   a, b);
}

static int check_kvm(const struct rig_config *cfg, struct reason *why)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), max, version;

	if (fd < 0) {
		if (errno == EACCES || errno == EPERM)
			return reason_skip(why, -EOPNOTSUPP,
					   "no permission to open /dev/kvm; run as root or join the group kvm");
		return reason_skip(why, -EOPNOTSUPP,
				   "cannot open /dev/kvm (%s); load kvm_amd or kvm_intel, or use the lab",
				   strerror(errno));
	}
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	max = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	close(fd);
	if (version != KVM_API_VERSION)
		return reason_skip(why, -EOPNOTSUPP,
				   "/dev/kvm speaks API version %d, not %d",
				   version, KVM_API_VERSION);
	if (max > 0 && cfg->nr_vcpus > (unsigned int)max)
		return reason_usage(why, -EINVAL,
				    "%u vCPUs are more than this KVM allows (%d)",
				    cfg->nr_vcpus, max);
	return 0;
}

int rig_check_host(const struct rig_config *cfg, struct reason *why)
{
	int ret = check_kvm(cfg, why);

	return ret ? ret : check_memory(cfg, why);
}
