# SPDX-License-Identifier: GPL-2.0-only
# Runs inside a lab host: the measurements of bars.c named on the command line.
#
# usage: sh /add/guest.sh MEASUREMENT...
stats=/sys/module/kvm/parameters/mmu_stats
rc=0
for what in "$@"; do
	if [ "$what" = reclaim ]; then
		insmod /add/brd.ko rd_nr=1 rd_size=65536 &&
			mkswap /dev/ram0 > /dev/null && swapon /dev/ram0 || rc=1
	fi
	/add/bars "$what" || rc=$?
done
[ ! -r $stats ] || sed 's/^/bar stats./' $stats
exit $rc
