#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh OUTPUT: compiles the plugin when it is older than its source. Static: it runs on hosts of any distribution.
set -eu
source=$(dirname "$0")
if [ -e "$1" ] && [ -z "$(find "$source" -newer "$1")" ]; then
	exit 0
fi
mkdir -p "$(dirname "$1")"
"${CC:-gcc}" -std=gnu17 -static -Os -s -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror \
	-o "$1.new" "$source/jilium-cni.c"
mv "$1.new" "$1"
