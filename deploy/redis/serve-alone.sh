#!/bin/sh
# Runs before a Redis serves without replicas. Fails if another node may have messages that this node lacks. Otherwise
# it deletes the state of the replicas and sentinels, which is outdated from now on: they start as replicas of this node
# when profile ha is turned on again.
#
#   serve-alone.sh PRIMARY     the last primary of this node; empty if it was the primary
set -eu

refuse() {
    echo "redis: $NAME does not serve alone: $*" >&2
    exit 1
}

back="turn profile ha on again (deploy/ha.sh on; docker compose up -d --wait), then off by deploy/ha.sh off"
[ "$NAME" = redis ] || refuse "profile ha is on without the lines of deploy/ha.env in .env; run deploy/ha.sh on"
for sentinel in sentinel-1 sentinel-2 sentinel-3; do
    ! getent hosts "$sentinel" >/dev/null || refuse "$sentinel still runs; $back"
done
[ -z "$1" ] || refuse "it was a replica of ${1% *} when it ended, and may lack messages; $back"

# The primary by the sentinel that saw the latest failover.
last=$(for file in /ha/sentinel-*/sentinel.conf; do
    [ ! -e "$file" ] || awk '
        $1 " " $2 == "sentinel monitor" { primary = $4 }
        $1 " " $2 == "sentinel config-epoch" { epoch = $4 }
        END { print epoch + 0, primary }
    ' "$file"
done | sort -n | tail -n 1 | cut -d ' ' -f 2)
[ "${last:-redis}" = redis ] || refuse "$last was the primary when the sentinels ended, and may have more messages; $back"

rm -f /ha/sentinel-*/sentinel.conf /ha/redis-*/redis.conf
