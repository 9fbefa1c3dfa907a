# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the lab's test scripts, sourced behind tests/check/lib.sh: what is known
# of a host by asking for it, so that a new host is a new block and no more.

LAB=$B/bin/mmubench-lab

# emulator_of HOST: as lab/hosts.cfg has it
emulator_of() {
	"$LAB" list | awk -v host="$1" '$1 == host { print $2 }'
}
# has_emulator HOST: is the program installed that emulates it?
has_emulator() {
	case $(emulator_of "$1") in
	qemu) command -v qemu-system-x86_64 ;;
	*) command -v "$(emulator_of "$1")" ;;
	esac >/dev/null
}
