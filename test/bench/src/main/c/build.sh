#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh OUTPUT: compiles the connection meter when it is older than its source.
set -eu
source=$(dirname "$0")
if [ "$1" -nt "$source/connections.c" ] && [ "$1" -nt "$0" ]; then
	exit 0
fi
mkdir -p "$(dirname "$1")"
"${CC:-gcc}" -std=gnu17 -O2 -Wall -Wextra -Werror -o "$1.new" "$source/connections.c"
mv "$1.new" "$1"
