#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Packs what a lab host starts from: busybox, lab/init, the project's own
# binaries and the shared libraries they need.  Prints the archive's name.
# Cached under a key over the names, sizes and times of all that goes in.
#
# usage: lab/initramfs.sh BUILD_DIR [--add FILE|DIR]... [--modules DIR]
#			  [--kvm-modules DIR]
#   --add          also pack FILE, or the files in DIR, under /add
#   --modules      the kernel's modules: KVM's and all they depend on are
#                  packed and loaded at boot
#   --kvm-modules  modules in DIR replace those of the same name
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
die() { echo "lab: $*" >&2; exit 64; }
[ $# -ge 1 ] || die "usage: lab/initramfs.sh BUILD_DIR [--add PATH]... [--modules DIR] [--kvm-modules DIR]"
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

inputs=("$here/init" "$here/initramfs.sh" "$busybox")
[ -d "$top/bin" ] && inputs+=("$top/bin")
inputs+=(${add[@]+"${add[@]}"})
[ -z "$modules" ] || inputs+=("$modules")
[ -z "$kvm_modules" ] || inputs+=("$kvm_modules")
key=$( { printf '%s\n' "modules=$modules kvm=$kvm_modules" "${inputs[@]}"
	 find -L "${inputs[@]}" -type f -printf '%p %s %T@\n' | LC_ALL=C sort
       } | sha256sum | cut -c1-16)
out=$top/lab/initramfs/$key.cpio
if [ -e "$out" ]; then
	echo "$out"
	exit 0
fi
mkdir -p "$top/lab/initramfs"
root=$(mktemp -d "$top/lab/initramfs/tmp.XXXXXX")
trap 'rm -rf "$root" "$out.tmp.$$"' EXIT
mkdir -p "$root"/{bin,proc,sys,dev,lab/modules,results,tmp,run,etc,mmubench,add}
cp "$busybox" "$root/bin/busybox"
for a in $applets; do
	[ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"
done
cp "$here/init" "$root/init"
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
elves=()
while IFS= read -r f; do
	[ "$(head -c 4 "$f" | tail -c 3)" = ELF ] && elves+=("$f")
done < <(find "$root/mmubench" "$root/add" -type f)
libs=()
for f in ${elves[@]+"${elves[@]}"}; do
	while read -r lib; do
		libs+=("$lib")
	done < <(ldd "$f" 2>/dev/null | grep -o '/[^ ]*')
	if ldd "$f" 2>/dev/null | grep 'not found' >&2; then
		die "$f needs a library that is not installed"
	fi
	case $f in # a module needs its symbols
	*.ko) strip --strip-debug "$f" ;;
	*) strip "$f" ;;
	esac 2>/dev/null || true
done
# pthread_cancel() loads this one by itself.
gcc_s=$(gcc -print-file-name=libgcc_s.so.1)
[ -e "$gcc_s" ] && libs+=("$gcc_s")
printf '%s\n' ${libs[@]+"${libs[@]}"} | sort -u | while read -r lib; do
	case $lib in
	'') continue ;;
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
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . -mindepth 1 | LC_ALL=C sort |
	cpio --quiet -o -H newc -R 0:0 --reproducible) >"$out.tmp.$$" ||
	die "could not write $out; is the disk full?"
mv "$out.tmp.$$" "$out"
# Each build of the programs makes another; a day is chosen, an hour would do.
find "$top/lab/initramfs" -mindepth 1 -maxdepth 1 -mmin +1440 \
	-exec rm -rf {} +
echo "$out"
