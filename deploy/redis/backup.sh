#!/bin/sh
# Writes what this Redis holds now to stdout, as an RDB file. By way of the volume, which so needs the room: on
# its way to a pipe redis-cli would leave the mark of the end in it.
set -eu

file=$(mktemp /data/backup.XXXXXX)
trap 'rm -f "$file"' EXIT
redis-cli --rdb "$file" >/dev/null 2>&1 || { echo "backup: Redis gives no copy" >&2; exit 1; }
redis-check-rdb "$file" >/dev/null || { echo "backup: the copy is damaged" >&2; exit 1; }
cat "$file"
