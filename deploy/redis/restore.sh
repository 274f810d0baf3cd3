#!/bin/sh
# Fills an empty /data with the RDB file on stdin, as the base file of the append-only log. Prints the output of
# count.sh for that file.
set -eu

fail() {
    rm -f /data/restore.rdb
    echo "restore: $*" >&2
    exit 1
}

log=/data/appendonlydir
[ ! -e "$log" ] || fail "this Redis has data; remove its volume first"
for other in /ha/*/*.conf; do
    [ ! -e "$other" ] || fail "${other%/*} has data of profile ha, which would replace it; remove all volumes first"
done
cat >/data/restore.rdb
keys=$(sh /etc/redis/count.sh /data/restore.rdb) || fail "the file is not an RDB file, or it is damaged"
mkdir "$log.new"
mv /data/restore.rdb "$log.new/appendonly.aof.1.base.rdb"
echo "file appendonly.aof.1.base.rdb seq 1 type b" >"$log.new/appendonly.aof.manifest"
mv "$log.new" "$log"
echo "$keys"
