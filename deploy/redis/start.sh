#!/bin/sh
# Starts a Redis with redis.conf, its name and its users. With sentinels it follows the last primary that they
# set.
set -eu
umask 077

own=/data/redis.conf
primary=
[ ! -e "$own" ] || primary=$(sed -n 's/^replicaof //p' "$own")
if [ -z "$HA" ]; then
    sh /etc/redis/serve-alone.sh "$primary"
elif [ ! -e "$own" ] && [ -n "${REPLICA_OF:-}" ]; then
    primary="$REPLICA_OF 6379"
fi

{
    cat /etc/redis/redis.conf
    echo "maxmemory $MAXMEMORY"
    echo "replica-announce-ip $NAME"
    # The permissions that docs/reference/redis.md lists, and no others.
    sh /etc/redis/users.sh '~m:*' '&m:deleted' +get +set +unlink +pexpire +pttl +role +info +select +wait \
        +publish +subscribe +scan +dbsize
    echo "masterauth $(cat /passwords/admin/password)"
    [ -z "$primary" ] || echo "replicaof $primary"
} >"$own.new"
mv "$own.new" "$own"
exec redis-server "$own"
