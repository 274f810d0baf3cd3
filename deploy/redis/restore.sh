#!/bin/sh
# Makes an empty /data hold what the RDB file on stdin has, as the base of the log that Redis starts from.
set -eu

log=/data/appendonlydir
if [ -e "$log" ]; then
    echo "restore: this Redis has data; remove its volume first" >&2
    exit 1
fi
cat >/data/restore.rdb
redis-check-rdb /data/restore.rdb >/dev/null || {
    rm -f /data/restore.rdb
    echo "restore: the file is no RDB file, or is damaged" >&2
    exit 1
}
mkdir "$log.new"
mv /data/restore.rdb "$log.new/appendonly.aof.1.base.rdb"
echo "file appendonly.aof.1.base.rdb seq 1 type b" >"$log.new/appendonly.aof.manifest"
mv "$log.new" "$log"
