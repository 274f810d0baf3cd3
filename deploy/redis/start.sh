#!/bin/sh
# Starts a Redis on redis.conf, its own name and, with sentinels about, the primary that they told it last.
set -eu

own=/data/redis.conf
primary=
case $STORE in
redis+sentinel*)
    if [ -e "$own" ]; then
        primary=$(sed -n 's/^replicaof //p' "$own")
    elif [ -n "${REPLICA_OF:-}" ]; then
        primary="$REPLICA_OF 6379"
    fi
    ;;
esac

{
    cat /etc/redis/redis.conf
    echo "maxmemory $MAXMEMORY"
    echo "replica-announce-ip $NAME"
    [ -z "$primary" ] || echo "replicaof $primary"
} >"$own.new"
mv "$own.new" "$own"
exec redis-server "$own"
