#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which kernel does the lab boot?  Builds it from a kernel tree with
# lab/kernel.config plus fragments, or finds it built already, and prints the
# directory it is in: bzImage, config, release, modules/ (if any), and obj, a
# link to the build tree (what an external module is built against).
#
# The result is cached under a key over the source state (names, sizes and
# times of all files), the configuration and the compiler.  The build tree is
# kept per tree and configuration, so an edited source is an incremental build.
# A tree that has been built in place is copied first, because the kernel
# refuses to be built elsewhere from such a tree.
#
# usage: lab/kernel.sh BUILD_DIR [--ksrc KSRC] [--config FRAGMENT]...
#   FRAGMENT is a file, or the name of one in lab/config.d without .config.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)

die() { echo "lab: $*" >&2; exit 64; }
say() { echo "lab: $*" >&2; }

[ $# -ge 1 ] || die "usage: lab/kernel.sh BUILD_DIR [--ksrc KSRC] [--config FRAGMENT]..."
mkdir -p "$1" || die "cannot create $1; give a directory that can be written"
build=$(cd "$1" && pwd -P)/lab
top=$(cd "$1" && pwd -P)
shift
ksrc='' frags=()
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || die "kernel.sh: $1 needs a value"
	case $1 in
	--ksrc) ksrc=$2 ;;
	--config) frags+=("$2") ;;
	*) die "kernel.sh: unknown option $1" ;;
	esac
	shift 2
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

src=$("$here/../tools/ksrc" "$top" "$ksrc") || exit $?
for tool in bc flex bison cpio gcc make; do
	command -v $tool >/dev/null || die "$tool is missing, so no kernel can be built; run tools/setup lab"
done

# One key for what the build reads.
state=$(cd "$src" && find . -name .git -prune -o \( -type f -o -type l \) \
	-printf '%p %s %T@ %l\n' | LC_ALL=C sort | sha256sum | cut -c1-24)
compiler=$(gcc -v 2>&1 | tail -n 1)
settings=$( { echo "$compiler"; sha256sum < "$here/kernel.sh"; cat "${paths[@]}"; } |
	sha256sum | cut -c1-12)
out=$build/kernels/$settings-$state
if [ -e "$out/bzImage" ]; then
	echo "$out"
	exit 0
fi

# One builder at a time per tree and configuration; the second finds the
# first one's result.
obj=$build/obj/$(echo "$src $settings" | sha256sum | cut -c1-12)
mkdir -p "$obj" "$build/kernels"
exec 9>"$obj.lock"
flock 9
if [ -e "$out/bzImage" ]; then
	echo "$out"
	exit 0
fi

need_kib=2000000
free_kib=$(df -Pk "$obj" | awk 'NR == 2 { print $4 }')
[ "$free_kib" -ge $need_kib ] ||
	die "only $((free_kib / 1024)) MiB are free under $build, a kernel build needs $((need_kib / 1024)); free some space or choose another build directory"

log=$obj.log
tmp=$out.tmp.$$
trap 'rm -rf "$tmp"' EXIT

# A tree that was built in place: build from a cleaned copy.
if [ -e "$src/.config" ] || [ -d "$src/include/config" ] ||
   [ -d "$src/arch/x86/include/generated" ]; then
	command -v rsync >/dev/null || die "rsync is missing, needed to copy a kernel tree that was built in place; run tools/setup lab"
	copy=$build/src/$(echo "$src" | sha256sum | cut -c1-12)
	mkdir -p "$copy"
	say "$src has been built in place; building from a cleaned copy"
	rsync -a --delete --exclude .git --exclude '*.o' --exclude '*.ko' \
		--exclude '*.cmd' --exclude '*.a' "$src/" "$copy/" ||
		die "could not copy $src to $copy; is the disk full?"
	make -C "$copy" mrproper >"$log" 2>&1 || {
		tail -n 5 "$log" >&2
		die "make mrproper failed in the copy of $src (log: $log)"
	}
	src=$copy
fi

cc=gcc
if command -v ccache >/dev/null; then
	cc='ccache gcc'
	export CCACHE_DIR=${CCACHE_DIR:-$build/ccache}
	export CCACHE_BASEDIR=$build CCACHE_NOHASHDIR=1
	export CCACHE_SLOPPINESS=time_macros
fi
# Same source, same image: no build date, user or counter in it.
export KBUILD_BUILD_TIMESTAMP='1970-01-01' KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
jobs=${MMUBENCH_JOBS:-$(nproc)}
kmake() { make -C "$src" O="$obj" CC="$cc" -j"$jobs" "$@" >>"$log" 2>&1; }

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
say "building $(make -s -C "$src" O="$obj" kernelversion) with -j$jobs ($([ "$cc" = gcc ] && echo 'no ccache' || echo ccache); minutes when cold)"
targets=(bzImage)
grep -q '^CONFIG_.*=m$' "$obj/.config" && targets+=(modules)
kmake "${targets[@]}" || {
	grep -E ' (error|Error|undefined reference)|error:|\*\*\*' "$log" | head -n 5 >&2
	die "the kernel did not build (log: $log)"
}

mkdir -p "$tmp/modules"
cp "$obj/arch/x86/boot/bzImage" "$obj/System.map" "$tmp/" &&
	cp "$obj/.config" "$tmp/config" || die "could not store the kernel in $tmp; is the disk full?"
cat "$obj/include/config/kernel.release" >"$tmp/release"
echo "$src" >"$tmp/source"
find "$obj" -name '*.ko' -exec cp -t "$tmp/modules" {} +
ln -s "$obj" "$tmp/obj"
mv -T "$tmp" "$out"
say "kernel built in $(($(date +%s) - start)) s"
echo "$out"
