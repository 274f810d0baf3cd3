#!/bin/sh
# Starts a sentinel. It writes what it learns into its configuration, which is made once.
set -eu

own=/data/sentinel.conf
[ -e "$own" ] || {
    cat /etc/redis/sentinel.conf
    echo "sentinel announce-ip $NAME"
} >"$own"
exec redis-server "$own" --sentinel
