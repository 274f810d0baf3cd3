#!/bin/sh
# Checks an RDB file. Prints how many keys it has, and how many of them are past their expiry.
set -eu

report=$(redis-check-rdb "$1") || exit 1
count() { echo "$report" | sed -n "s/^\[info\] \([0-9]*\) $1\$/\1/p"; }
echo "$(count 'keys read') $(count 'already expired')"
