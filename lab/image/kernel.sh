#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which kernel does the lab boot?  Builds it from a kernel tree with
# lab/image/kernel.config plus fragments, or finds it built already, and prints the
# directory it is in: bzImage, config, release, modules/ (if any), vmlinux (with
# debug information only), and obj, a link to the build tree.
#
# The result is cached under a key over the source state (names, sizes and
# times of all files), the configuration, the tools and the recipe below; of
# the environment nothing else reaches the build.  The build tree is kept per
# tree and configuration, so an edited source is an incremental build; --obj
# sees to it that it is the printed kernel's, not a later one's.  A tree that
# has been built in place is copied first, because the kernel refuses to be
# built elsewhere from such a tree.
#
# usage: lab/image/kernel.sh BUILD_DIR [--ksrc KSRC] [--config FRAGMENT]... [--obj]
#		       [--print]
#   FRAGMENT  a file, or the name of one in lab/image/config.d without .config
#   --obj     external modules are to be built against the kernel's obj
#   --print   build nothing, say only where this kernel is or would be
set -euo pipefail

# Any word; change it when the same input gives another kernel than before.
recipe='04306d4c67fbc94df2b334dc326b4450966868e83737fda1acc0c62dba1b5ddc  -'
here=$(cd "$(dirname "$0")" && pwd -P)

die() { echo "lab: $*" >&2; exit 64; }
say() { echo "lab: $*" >&2; }

[ $# -ge 1 ] || die "usage: lab/image/kernel.sh BUILD_DIR [--ksrc KSRC] [--config FRAGMENT]... [--obj] [--print]"
mkdir -p "$1" || die "cannot create $1; give a directory that can be written"
build=$(cd "$1" && pwd -P)/lab
top=$(cd "$1" && pwd -P)
shift
case $top in
*[[:space:]:,]*) die "the build directory $top has a blank, a colon or a comma in its name, which kernel builds and emulators cannot take; give another (B=)" ;;
esac
ksrc='' frags=() need_obj='' print=''
while [ $# -gt 0 ]; do
	case $1 in
	--obj) need_obj=1 ;;
	--print) print=1 ;;
	--ksrc | --config)
		[ $# -ge 2 ] || die "kernel.sh: $1 needs a value"
		if [ "$1" = --ksrc ]; then ksrc=$2; else frags+=("$2"); fi
		shift ;;
	*) die "kernel.sh: unknown option $1" ;;
	esac
	shift
done

# Turn fragment names into files.
paths=("$here/kernel.config")
for f in ${frags[@]+"${frags[@]}"}; do
	if [ -f "$f" ]; then
		paths+=("$(realpath "$f")")
	elif [ -f "$here/config.d/$f.config" ]; then
		paths+=("$here/config.d/$f.config")
	else
		known=$(cd "$here/config.d" && echo *.config | sed 's/\.config//g')
		die "no kernel configuration fragment '$f'; give a file or one of: $known"
	fi
done

src=$("$here/../../tools/ksrc" "$top" "$ksrc") || exit $?
for tool in bc flex bison cpio gcc ld make setpriv; do
	command -v $tool >/dev/null || die "$tool is missing, so no kernel can be built; run tools/setup lab"
done

# One key for what the build reads.
source_state() {
	(cd "$1" && find . -name .git -prune -o \( -type f -o -type l \) \
		-printf '%p %s %T@ %l\n') | LC_ALL=C sort | sha256sum | cut -c1-24
}
state=$(source_state "$src")
settings=$( { gcc -v 2>&1 | tail -n 1; echo "$recipe"; cat "${paths[@]}"; } |
	sha256sum | cut -c1-12)
out=$build/kernels/$settings-$state
obj=$build/obj/$(echo "$src $settings" | sha256sum | cut -c1-12)
if [ -n "$print" ]; then
	echo "$out"
	exit 0
fi

# Is it there, with its objects if they are needed?  What another linker made
# does not count; a kernel that does not name its linker does.
linker=$(ld --version | sed -n 1p)
found() {
	[ -e "$out/bzImage" ] || return 1
	[ "$linker" = "$(cat "$out/linker" 2>/dev/null || echo "$linker")" ] || return 1
	[ -z "$need_obj" ] || [ "$(cat "$out/obj/lab.state" 2>/dev/null)" = "$state" ]
}
if found; then
	echo "$out"
	exit 0
fi

# lock FD FILE WHAT: one builder at a time, and say what is waited for.
lock() {
	eval "exec $1>\"\$2\""
	flock -n "$1" && return
	say "waiting for another run that is $3"
	flock "$1"
}

# One builder per tree and configuration; the second finds the first one's
# result.
mkdir -p "$obj" "$build/kernels"
lock 9 "$obj.lock" "building this kernel"
if found; then
	echo "$out"
	exit 0
fi

# The environment of the build: nothing that kbuild would take a setting from.
cc=gcc
if command -v ccache >/dev/null; then
	cc='ccache gcc'
	export CCACHE_DIR=${CCACHE_DIR:-$build/ccache}
	export CCACHE_BASEDIR=$build CCACHE_NOHASHDIR=1
	export CCACHE_SLOPPINESS=time_macros
fi
# Same source, same image: no build date, user, counter or git state in it.
clean=(env -i LC_ALL=C LOCALVERSION='' KBUILD_BUILD_TIMESTAMP=1970-01-01
       KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab)
for name in PATH HOME TMPDIR LD_LIBRARY_PATH $(compgen -e CCACHE_); do
	[ -z "${!name:-}" ] || clean+=("$name=${!name}")
done

# Runs a command that dies with this script, with all it has started: its
# parent leads a session, is told when the script ends, even by kill -9, and
# then ends all of the session.
guarded() {
	# shellcheck disable=SC2016 # the variables are the inner shell's
	setsid setpriv --pdeathsig TERM bash -c '
		trap "kill -KILL 0" TERM
		[ "$PPID" = "$0" ] || exit
		"$@" &
		wait $!' $$ "$@" 8>&- 9>&- &
	wait $!
}
trap 'exit 130' INT
trap 'exit 143' TERM HUP

need_kib=2000000
free_kib=$(df -Pk "$obj" | awk 'NR == 2 { print $4 }')
[ "$free_kib" -ge $need_kib ] ||
	die "only $((free_kib / 1024)) MiB are free under $build, a kernel build needs $((need_kib / 1024)); free some space or choose another build directory"

log=$obj.log
tmp=$out.tmp.$$
trap 'rm -rf "$tmp"' EXIT

# A tree that was built in place: build from a cleaned copy.  The copy is
# locked until the build ends, for the next one changes it.
from=$src
if [ -e "$src/.config" ] || [ -d "$src/include/config" ] ||
   [ -d "$src/arch/x86/include/generated" ]; then
	command -v rsync >/dev/null || die "rsync is missing, needed to copy a kernel tree that was built in place; run tools/setup lab"
	copy=$build/src/$(echo "$src" | sha256sum | cut -c1-12)
	mkdir -p "$copy"
	lock 8 "$copy.lock" "building from the copy of $src"
	say "$src has been built in place; building from a cleaned copy"
	rsync -a --delete --exclude .git --exclude '*.o' --exclude '*.ko' \
		--exclude '*.cmd' --exclude '*.a' "$src/" "$copy/" ||
		die "could not copy $src to $copy; is the disk full?"
	guarded "${clean[@]}" make -C "$copy" mrproper >"$log" 2>&1 || {
		tail -n 5 "$log" >&2
		die "make mrproper failed in the copy of $src (log: $log)"
	}
	from=$copy
fi

jobs=${MMUBENCH_JOBS:-$(nproc)}
kmake() {
	guarded "${clean[@]}" make -C "$from" O="$obj" CC="$cc" -j"$jobs" "$@" \
		>>"$log" 2>&1
}

rm -f "$obj/lab.state"
: >"$log"
sed 's/[[:space:]]*# must$//' "${paths[@]}" >"$obj/lab.config"
kmake KCONFIG_ALLCONFIG="$obj/lab.config" allnoconfig || {
	tail -n 5 "$log" >&2
	die "the kernel tree $src could not be configured (log: $log)"
}

# What was asked for and did not come: the last word on each option counts.
missing=()
while IFS='=' read -r opt val; do
	grep -qx "$opt=$val" "$obj/.config" || missing+=("$opt")
done < <(sed -n 's/^\(CONFIG_[A-Z0-9_a-z]*=[^ ]*\).*/\1/p' "$obj/lab.config" |
	awk -F= '{ v[$1] = $2 } END { for (o in v) if (v[o] != "n") print o "=" v[o] }' |
	LC_ALL=C sort)
for opt in ${missing[@]+"${missing[@]}"}; do
	if grep -q "^$opt=.*# must" "$here/kernel.config" &&
	   ! grep -qE "^$opt=[ym]" "$obj/.config"; then
		die "$src cannot be configured with $opt, which the lab needs; use a tree that has it"
	fi
	for f in "${paths[@]:1}"; do
		if grep -q "^$opt=" "$f"; then
			die "$opt from $(basename "$f") has no effect in $src: this kernel lacks it, or something it depends on is off"
		fi
	done
done
[ ${#missing[@]} -eq 0 ] || say "not in this kernel: ${missing[*]}"

start=$(date +%s)
say "building $("${clean[@]}" make -s -C "$from" O="$obj" kernelversion) with -j$jobs ($([ "$cc" = gcc ] && echo 'no ccache' || echo ccache); minutes when cold)"
targets=(bzImage)
grep -q '^CONFIG_.*=m$' "$obj/.config" && targets+=(modules)
kmake "${targets[@]}" || {
	grep -E ' (error|Error|undefined reference)|error:|\*\*\*' "$log" | head -n 5 >&2
	die "the kernel did not build (log: $log)"
}

# What was built must be what the key says.
[ "$(source_state "$src")" = "$state" ] ||
	die "$src was changed while it was being built; run this again"
echo "$state" >"$obj/lab.state"
if need_obj='' found; then # only its objects were wanted
	ln -sfn "$obj" "$out/obj"
	echo "$out"
	exit 0
fi
rm -rf "$out"
mkdir -p "$tmp/modules"
cp "$obj/arch/x86/boot/bzImage" "$obj/System.map" "$tmp/" &&
	cp "$obj/.config" "$tmp/config" || die "could not store the kernel in $tmp; is the disk full?"
cat "$obj/include/config/kernel.release" >"$tmp/release"
echo "$src" >"$tmp/source"
echo "$linker" >"$tmp/linker"
if grep -q '^CONFIG_DEBUG_INFO=y' "$obj/.config"; then
	cp "$obj/vmlinux" "$tmp/" || die "could not store vmlinux in $tmp; is the disk full?"
fi
find "$obj" -name '*.ko' -exec cp -t "$tmp/modules" {} +
ln -s "$obj" "$tmp/obj"
mv -T "$tmp" "$out"
say "kernel built in $(($(date +%s) - start)) s"
echo "$out"
