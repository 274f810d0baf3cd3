#!/bin/sh
# Starts a sentinel. Its configuration is created once, because the sentinel writes its state into it.
set -eu
umask 077

own=/data/sentinel.conf
if [ ! -e "$own" ]; then
    # Waits until both replicas have all messages. Otherwise a replica without them could become the primary.
    for replica in redis-2 redis-3; do
        until state=$(redis-cli -h "$replica" INFO replication 2>/dev/null | tr -d '\r') &&
            echo "$state" | grep -qx master_link_status:up && echo "$state" | grep -qx master_host:redis; do
            echo "sentinel: waiting until $replica has all data of redis" >&2
            sleep 1
        done
    done
    {
        cat /etc/redis/sentinel.conf
        echo "sentinel announce-ip $NAME"
    } >"$own.new"
    mv "$own.new" "$own"
fi

# The passwords may have changed since the last start.
admin=$(cat /passwords/admin/password)
{
    grep -vE '^(requirepass|user|sentinel (auth-pass|sentinel-pass)) ' "$own"
    sh /etc/redis/users.sh '&*' '+sentinel|get-master-addr-by-name' '+sentinel|master' '+sentinel|replicas' \
        +ping +role +info +subscribe +psubscribe
    echo "sentinel auth-pass messages $admin"
    echo "sentinel sentinel-pass $admin"
} >"$own.new"
mv "$own.new" "$own"
exec redis-server "$own" --sentinel
