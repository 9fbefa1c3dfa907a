# SPDX-License-Identifier: GPL-2.0-only
# Runs inside a lab host: takes KVM's modules out and puts them in again while
# a guest that was just killed is still going away, and looks for what stays.
#   @@ reload COUNT            how many times it worked
#   @@ left WHAT COUNT         caches, mappings, page tables after the last removal
#   @@ memory KiB_BEFORE KiB_AFTER
#
# usage: sh /add/guest-reload.sh LOOPS
loops=$1
vendor=kvm_intel
grep -qw svm /proc/cpuinfo && vendor=kvm_amd
# Parameters given on the command line, as at boot.
params() { tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1\.//p" | tr '\n' ' '; }
echo "@@ engine $(cat /sys/module/kvm/parameters/mmu_engine 2>/dev/null || echo stock)"

load() {
	insmod /lab/modules/kvm.ko $(params kvm) &&
		insmod /lab/modules/$vendor.ko $(params $vendor)
}

remove() { # a killed guest may take a while to be gone
	local tries=0
	until rmmod $vendor 2>/dev/null && rmmod kvm 2>/dev/null; do
		[ -d /sys/module/kvm ] || return 0
		[ -d /sys/module/$vendor ] || { rmmod kvm && return 0; }
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		usleep 50000
	done
}

free_kib() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 1
	awk '/^(MemFree|PageTables):/ { n += $2 } END { print n }' /proc/meminfo
}

n=0 before=0
while [ $n -lt $loops ]; do
	/add/memslot_modification_stress_test -v 2 -b 8M -i 100000 > /dev/null 2>&1 &
	pid=$!
	usleep $((300000 + n * 5000))
	[ -d /proc/$pid ] || echo "the load of round $n ended by itself"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	remove || { echo "the modules of round $n cannot be removed"; break; }
	# the first rounds fill caches that stay
	[ $n -ne 4 ] || before=$(free_kib)
	[ $n -ne $((loops - 1)) ] || break
	load || { echo "the modules of round $n cannot be loaded"; break; }
	n=$((n + 1))
done
after=$(free_kib)
[ -d /sys/module/kvm ] || n=$((n + 1))
echo "@@ reload $n"
echo "@@ left slab $(grep -c '^kvm_\|^pte_list_desc\|^mmu_page_header\|^x86_emulator' /proc/slabinfo)"
echo "@@ left vmalloc $(grep -c '\[kvm' /proc/vmallocinfo 2>/dev/null)"
echo "@@ left tables $(sed -n 's/^nr_sec_page_table_pages //p' /proc/vmstat)"
echo "@@ memory $before $after"
load
exit 0
