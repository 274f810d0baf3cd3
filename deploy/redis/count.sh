#!/bin/sh
# Checks an RDB file. Prints the number of its keys, and the number of keys that have expired.
set -eu

report=$(redis-check-rdb "$1") || exit 1
count() { echo "$report" | sed -n "s/^\[info\] \([0-9]*\) $1\$/\1/p"; }
echo "$(count 'keys read') $(count 'already expired')"
