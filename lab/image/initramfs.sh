#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Packs what a lab host starts from: busybox, lab/image/init, the project's own
# binaries and the shared libraries they need.  Prints the archive's name.
# Cached under a key over the names, modes, sizes and times of all that goes
# in, libraries included.
#
# usage: lab/image/initramfs.sh BUILD_DIR [--add FILE|DIR]... [--modules DIR]
#			  [--kvm-modules DIR]
#   --add          also pack FILE, or the files in DIR, under /add
#   --modules      the kernel's modules: KVM's and all they depend on are
#                  packed and loaded at boot
#   --kvm-modules  modules in DIR replace those of the same name
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
die() { echo "lab: $*" >&2; exit 64; }
[ $# -ge 1 ] || die "usage: lab/image/initramfs.sh BUILD_DIR [--add PATH]... [--modules DIR] [--kvm-modules DIR]"
top=$(cd "$1" && pwd -P) || exit 64
shift
add=() modules='' kvm_modules=''
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || die "$1 needs a value"
	[ -e "$2" ] || die "$1 $2: no such file or directory"
	case $1 in
	--add) add+=("$(realpath "$2")") ;;
	--modules) modules=$(realpath "$2") ;;
	--kvm-modules) kvm_modules=$(realpath "$2") ;;
	*) die "initramfs.sh: unknown option $1" ;;
	esac
	shift 2
done
busybox=$(command -v busybox) ||
	die "busybox is missing; install the package busybox-static, or run tools/setup lab"
if ldd "$busybox" >/dev/null 2>&1; then
	die "$busybox is not static; install the package busybox-static"
fi
applets=$("$busybox" --list)
for a in gzip insmod stty poweroff setsid; do
	grep -qx $a <<<"$applets" ||
		die "$busybox has no '$a'; install the package busybox-static"
done

inputs=("$here/init" "$here/send" "$here/initramfs.sh" "$busybox")
programs=("$here/init" ${add[@]+"${add[@]}"})
[ -d "$top/bin" ] && programs+=("$top/bin")
inputs+=("${programs[@]:1}")
[ -z "$modules" ] || inputs+=("$modules")
[ -z "$kvm_modules" ] || inputs+=("$kvm_modules")
# ELF programs and libraries among files; modules have their own symbols and
# need no library.
is_elf() {
	local magic=
	LC_ALL=C IFS= read -r -d '' -n 4 magic <"$1" || true
	[ "$magic" = $'\x7fELF' ]
}
libs=()
while IFS= read -r f; do
	is_elf "$f" || continue
	found=$(ldd "$f" 2>/dev/null) || continue # a static one
	if grep 'not found' <<<"$found" >&2; then
		die "$f needs a library that is not installed"
	fi
	while read -r lib; do
		libs+=("$lib")
	done < <(grep -o '/[^ ]*' <<<"$found" || true)
done < <(find -L "${programs[@]}" -type f ! -name '*.ko')
# pthread_cancel() loads this one by itself.
gcc_s=$(gcc -print-file-name=libgcc_s.so.1)
[ -e "$gcc_s" ] && libs+=("$gcc_s")
mapfile -t libs < <(printf '%s\n' ${libs[@]+"${libs[@]}"} | LC_ALL=C sort -u | grep .)

# A cached archive is touched when used, under a lock that removing takes too.
key=$( { printf '%s\n' "modules=$modules kvm=$kvm_modules" "${inputs[@]}"
	 find -L "${inputs[@]}" ${libs[@]+"${libs[@]}"} -type f \
		-printf '%p %m %s %T@\n' | LC_ALL=C sort
       } | sha256sum | cut -c1-16)
mkdir -p "$top/lab/initramfs"
out=$top/lab/initramfs/$key.cpio
exec 9>"$top/lab/initramfs.lock"
flock -s 9
if [ -e "$out" ]; then
	touch "$out"
	echo "$out"
	exit 0
fi
flock -u 9
root=$(mktemp -d "$top/lab/initramfs/tmp.XXXXXX")
trap 'rm -rf "$root" "$out.tmp.$$"' EXIT
mkdir -p "$root"/{bin,proc,sys,dev,lab/modules,results,tmp,run,etc,mmubench,add}
cp "$busybox" "$root/bin/busybox"
for a in $applets; do
	[ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"
done
cp "$here/init" "$root/init"
cp "$here/send" "$root/lab/send"
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"

# The project's binaries keep their names; debug information stays here.
[ -d "$top/bin" ] && cp -rL "$top/bin" "$root/mmubench/bin"
for a in ${add[@]+"${add[@]}"}; do
	if [ -d "$a" ]; then
		cp -rL "$a/." "$root/add/"
	else
		cp -L "$a" "$root/add/"
	fi
done
while IFS= read -r f; do
	is_elf "$f" || continue
	case $f in # a module needs its symbols
	*.ko) strip --strip-debug "$f" ;;
	*) strip "$f" ;;
	esac 2>/dev/null || true
done < <(find "$root/mmubench" "$root/add" -type f)
for lib in ${libs[@]+"${libs[@]}"}; do
	case $lib in
	/lib/* | /lib64/* | /usr/lib/*) dst=$root$lib ;;
	*) dst=$root/lib/x86_64-linux-gnu/$(basename "$lib") ;;
	esac
	mkdir -p "$(dirname "$dst")"
	cp -L "$lib" "$dst"
	if [ "$(basename "$lib")" = libgcc_s.so.1 ]; then
		mkdir -p "$root/lib/x86_64-linux-gnu"
		cp -L "$lib" "$root/lib/x86_64-linux-gnu/" 2>/dev/null || true
	fi
done

# KVM's modules and what they depend on, in loading order.
if [ -n "$modules$kvm_modules" ]; then
	command -v modinfo >/dev/null || die "modinfo is missing; install the package kmod, or run tools/setup lab"
	declare -A file=() seen=()
	for dir in "$modules" "$kvm_modules"; do
		[ -n "$dir" ] || continue
		while IFS= read -r f; do
			name=$(basename "$f" | sed 's/\.ko.*//; s/-/_/g')
			file[$name]=$f
		done < <(find -L "$dir" -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.gz' -o -name '*.ko.zst')
	done
	[ -n "${file[kvm]:-}" ] || die "no kvm.ko under ${modules:-$kvm_modules}; give the directory of the kernel's modules"
	pack() {
		local name=$1 dep
		[ -z "${seen[$name]:-}" ] || return 0
		seen[$name]=1
		[ -n "${file[$name]:-}" ] || return 0
		for dep in $(modinfo -F depends "${file[$name]}" | tr ',-' ' _'); do
			pack "$dep"
		done
		local to=$root/lab/modules/$name.ko
		case ${file[$name]} in
		*.xz) xz -dc "${file[$name]}" >"$to" ;;
		*.gz) gzip -dc "${file[$name]}" >"$to" ;;
		*.zst) zstd -qdc "${file[$name]}" >"$to" ;;
		*) cp "${file[$name]}" "$to" ;;
		esac || die "cannot unpack ${file[$name]}"
		strip --strip-debug "$to" 2>/dev/null || true
		echo "$name" >>"$root/lab/modules/order"
	}
	pack kvm_amd
	pack kvm_intel
fi

# One fixed owner and time for all: the same input gives the same archive.
find "$root" -mindepth 1 -exec touch -h -d @0 {} +
(cd "$root" && find . -mindepth 1 | LC_ALL=C sort |
	cpio --quiet -o -H newc -R 0:0 --reproducible) >"$out.tmp.$$" ||
	die "could not write $out; is the disk full?"
# Each build of the programs makes another; a day is chosen, an hour would do.
flock 9
find "$top/lab/initramfs" -mindepth 1 -maxdepth 1 -mmin +1440 \
	-exec rm -rf {} +
mv "$out.tmp.$$" "$out"
echo "$out"
