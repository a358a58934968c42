#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the programs of the tests into the directory given, those that are stale.
set -eu
cd "$(dirname "$0")"
clang=$(command -v clang-19 || command -v clang) || { echo "clang is not installed" >&2; exit 1; }
mkdir -p "$1"
for source in *.bpf.c; do
	object=$1/${source%.c}.o
	[ "$object" -nt "$source" ] && [ "$object" -nt build.sh ] && continue
	"$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror \
		-I"/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$object.tmp"
	mv "$object.tmp" "$object"
done
