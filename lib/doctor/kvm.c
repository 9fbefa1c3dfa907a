// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is KVM there, which of its MMUs is on, and who else uses it?
 *
 * Method: /dev/kvm, module parameters, file descriptors of other processes,
 * the kernel's configuration and taint flags.  One function per check, see
 * the table in doctor.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "host/host.h"
#include "internal.h"

#define PARAM "/sys/module/"
#define NO_KVM "KVM is not loaded or built in"

void doctor_kvm_access(struct doctor_result *res)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kvm", host_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		doctor_set(res, DOCTOR_OK, "/dev/kvm opens");
	} else if (errno == ENOENT) {
		doctor_set(res, DOCTOR_BAD, "no /dev/kvm");
	} else {
		doctor_set(res, DOCTOR_BAD, "/dev/kvm: %s", strerror(errno));
	}
}

/* 1 on, 0 off, -1 no such parameter. */
static int param_on(const char *module_param)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), PARAM "%s", module_param);
	if (host_read(path, text, sizeof(text)) <= 0)
		return -1;
	return text[0] == 'Y' || text[0] == 'y' || text[0] == '1' ||
	       !strcmp(text, "force");
}

static const char *on_off(int on)
{
	return on < 0 ? "-" : on ? "on" : "off";
}

void doctor_kvm_paging(struct doctor_result *res)
{
	int ept = param_on("kvm_intel/parameters/ept");
	int npt = param_on("kvm_amd/parameters/npt");
	int tdp = param_on("kvm/parameters/tdp_mmu");
	int split = param_on("kvm/parameters/eager_page_split");

	if (ept >= 0)
		doctor_set(res, ept && tdp ? DOCTOR_OK : DOCTOR_WARN,
			   "EPT %s, A/D bits %s, PML %s, TDP MMU %s, eager split %s",
			   on_off(ept),
			   on_off(param_on("kvm_intel/parameters/eptad")),
			   on_off(param_on("kvm_intel/parameters/pml")),
			   on_off(tdp), on_off(split));
	else if (npt >= 0)
		doctor_set(res, npt && tdp ? DOCTOR_OK : DOCTOR_WARN,
			   "NPT %s, TDP MMU %s, eager split %s", on_off(npt),
			   on_off(tdp), on_off(split));
	else if (tdp >= 0)
		doctor_set(res, DOCTOR_WARN,
			   "neither kvm_intel nor kvm_amd: a KVM with shadow paging");
	else
		doctor_set(res, DOCTOR_UNKNOWN, NO_KVM);
}

void doctor_kvm_engine(struct doctor_result *res)
{
	char name[64];

	if (host_read(PARAM "kvm/parameters/mmu_engine", name,
		      sizeof(name)) > 0)
		doctor_set(res, DOCTOR_OK, "%s", name);
	else if (param_on("kvm/parameters/tdp_mmu") >= 0)
		doctor_set(res, DOCTOR_OK, "stock");
	else
		doctor_set(res, DOCTOR_UNKNOWN, NO_KVM);
}

void doctor_kvm_nx_recovery(struct doctor_result *res)
{
	int nx = param_on("kvm/parameters/nx_huge_pages");
	uint64_t ratio = 0;

	host_read_u64(PARAM "kvm/parameters/nx_huge_pages_recovery_ratio",
		      &ratio);
	if (nx <= 0)
		doctor_set(res, nx < 0 ? DOCTOR_UNKNOWN : DOCTOR_OK,
			   nx < 0 ? "not visible" : "NX huge pages are off");
	else
		doctor_set(res, ratio ? DOCTOR_WARN : DOCTOR_OK,
			   "NX huge pages on, recovery ratio %llu",
			   (unsigned long long)ratio);
}

/* Virtual machines among the file descriptors of process @pid. */
static int count_vms(const char *proc, const char *pid)
{
	char dir[4096], link[64];
	struct dirent *e;
	int nr = 0;
	ssize_t n;
	DIR *d;

	snprintf(dir, sizeof(dir), "%.3000s/%.16s/fd", proc, pid);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		nr += !strcmp(link, "anon_inode:kvm-vm");
	}
	if (d)
		closedir(d);
	return nr;
}

void doctor_kvm_other_vms(struct doctor_result *res)
{
	char proc[4096], self[16];
	struct dirent *e;
	int nr = 0;
	DIR *d;

	snprintf(proc, sizeof(proc), "%.3000s/proc", host_root());
	snprintf(self, sizeof(self), "%d", getpid());
	d = opendir(proc);
	while (d && (e = readdir(d)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
		    strcmp(e->d_name, self))
			nr += count_vms(proc, e->d_name);
	if (d)
		closedir(d);
	doctor_set(res, nr ? DOCTOR_WARN : DOCTOR_OK,
		   "%d other virtual machines visible", nr);
}

/* ---- kernel ---------------------------------------------------------------- */

static const char *const debug_options[] = {
	"KASAN", "KCSAN", "KMSAN", "PROVE_LOCKING", "DEBUG_PAGEALLOC",
	"DEBUG_VM_PGFLAGS", "DEBUG_KMEMLEAK", "SLUB_DEBUG_ON", "DEBUG_OBJECTS",
	"PAGE_OWNER", "KVM_PROVE_MMU", "LOCK_STAT", "DEBUG_ATOMIC_SLEEP",
};

/* Collect the options of the table that are y in @f. */
static int scan_config(FILE *f, char *found, size_t size)
{
	char line[256], want[64];
	int nr = 0;
	size_t i, len = 0;

	while (fgets(line, sizeof(line), f))
		for (i = 0; i < sizeof(debug_options) / sizeof(char *); i++) {
			snprintf(want, sizeof(want), "CONFIG_%s=y\n",
				 debug_options[i]);
			if (strcmp(line, want) || len >= size)
				continue;
			len += snprintf(found + len, size - len, " %s",
					debug_options[i]);
			nr++;
		}
	return nr;
}

/* The configuration through gzip, without a shell; NULL when not possible. */
static FILE *open_gz(const char *path, pid_t *child)
{
	int fds[2];

	if (access(path, R_OK) || pipe2(fds, O_CLOEXEC))
		return NULL;
	*child = fork();
	if (*child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(STDERR_FILENO);	/* the check has its own words */
		execlp("gzip", "gzip", "-dc", path, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	if (*child < 0) {
		close(fds[0]);
		return NULL;
	}
	return fdopen(fds[0], "r");
}

static FILE *open_config(pid_t *child)
{
	char path[4096];
	struct utsname u;
	FILE *f;

	*child = -1;
	snprintf(path, sizeof(path), "%.3000s/proc/config.gz", host_root());
	f = open_gz(path, child);
	if (f || uname(&u))
		return f;
	snprintf(path, sizeof(path), "%.3000s/boot/config-%s", host_root(),
		 u.release);
	return fopen(path, "re");
}

void doctor_kvm_debug_config(struct doctor_result *res)
{
	char found[120] = "";
	pid_t child;
	FILE *f = open_config(&child);
	int nr, status = 0;

	if (!f) {
		doctor_set(res, DOCTOR_UNKNOWN,
			   "no /proc/config.gz and no /boot/config of this kernel");
		return;
	}
	nr = scan_config(f, found, sizeof(found));
	fclose(f);
	if (child > 0)
		waitpid(child, &status, 0);
	if (status)
		doctor_set(res, DOCTOR_UNKNOWN, "cannot unpack /proc/config.gz");
	else
		doctor_set(res, nr ? DOCTOR_WARN : DOCTOR_OK, "%s",
			   nr ? found + 1 : "no such option is built in");
}

void doctor_kvm_taint(struct doctor_result *res)
{
	/* By bit number, as the kernel's documentation of "tainted" tells. */
	static const char letters[] = "PFSRMBUDAWCIOELKXTN";
	char text[sizeof(letters)] = "";
	uint64_t bits;
	size_t i, n = 0;

	if (host_read_u64("/proc/sys/kernel/tainted", &bits)) {
		doctor_set(res, DOCTOR_UNKNOWN, "not visible");
		return;
	}
	for (i = 0; i + 1 < sizeof(letters); i++)
		if (bits >> i & 1)
			text[n++] = letters[i];
	/* Machine check, bad page, died, warned, soft lockup. */
	if (bits & (1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))
		doctor_set(res, DOCTOR_WARN, "%s: the kernel has complained",
			   text);
	else
		doctor_set(res, DOCTOR_OK, "%s", n ? text : "none");
}

void doctor_kvm_journal(struct doctor_result *res)
{
	int nr = host_count_stale();

	doctor_set(res, nr ? DOCTOR_BAD : DOCTOR_OK,
		   nr ? "%d journals of killed runs" : "none", nr);
}
