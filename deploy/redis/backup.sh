#!/bin/sh
# Writes the data of this Redis to stdout as an RDB file. Writes the number of messages and the file's checksum to
# stderr. The file is written to the volume first, which needs the space for it: redis-cli would leave its end mark in
# a file that it writes to a pipe.
set -eu

fail() {
    echo "backup: $*" >&2
    exit 1
}

replication=$(redis-cli INFO replication | tr -d '\r')
if echo "$replication" | grep -qx role:slave; then
    echo "$replication" | grep -qx master_link_status:up || fail "this replica has no connection to its primary: back up another node"
fi
file=$(mktemp /data/backup.XXXXXX)
trap 'rm -f "$file"' EXIT
redis-cli --rdb "$file" >/dev/null 2>&1 || fail "Redis did not send a copy of its data"
keys=$(sh /etc/redis/count.sh "$file") || fail "the copy is damaged"
checksum=$(sha256sum <"$file" | cut -d ' ' -f 1)
cat "$file"
echo "${keys% *} $checksum" >&2
