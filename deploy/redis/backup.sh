#!/bin/sh
# Writes what this Redis holds now to stdout, as an RDB file, and to stderr the number of its messages and its
# checksum. By way of the volume, which so needs the room: on its way to a pipe redis-cli would leave the mark of
# the end in it.
set -eu

fail() {
    echo "backup: $*" >&2
    exit 1
}

replication=$(redis-cli INFO replication | tr -d '\r')
if echo "$replication" | grep -qx role:slave; then
    echo "$replication" | grep -qx master_link_status:up || fail "this replica has lost its primary: ask another node"
fi
file=$(mktemp /data/backup.XXXXXX)
trap 'rm -f "$file"' EXIT
redis-cli --rdb "$file" >/dev/null 2>&1 || fail "Redis gives no copy"
keys=$(sh /etc/redis/count.sh "$file") || fail "the copy is damaged"
checksum=$(sha256sum <"$file" | cut -d ' ' -f 1)
cat "$file"
echo "${keys% *} $checksum" >&2
