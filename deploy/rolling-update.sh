#!/usr/bin/env bash
# Replaces every instance of the API by one of the present image and settings, one after the other, without
# a failed request: starts a new one, waits until it is healthy, stops an old one. Interrupted, it is gone on with
# by the same command again.
#
#   docker compose build api && deploy/rolling-update.sh
set -euo pipefail
# shellcheck source=deploy/stack.sh
. "$(dirname "$0")/stack.sh"

# The number of instances, and those to replace, of an update that has begun and not ended.
unfinished=.rolling-update

# instances [FILTER...]: those that run, as `docker ps` filters them.
instances() {
    local id
    for id in $(docker compose ps --quiet api); do docker ps --quiet --no-trunc --filter "id=$id" "$@"; done
}

# scale NUMBER: what runs goes on; what is missing is started from the present image. Without --no-deps, which
# some versions of Compose take for another configuration: the next `up` would replace all instances.
scale() { docker compose up --detach --wait --no-recreate --scale "api=$1" api; }

# What does not run would be started again as it is.
for instance in $(docker compose ps --all --quiet api); do
    [ -n "$(docker ps --quiet --filter "id=$instance")" ] || docker rm --volumes "$instance" >/dev/null
done
# Those that are not healthy go first.
mapfile -t old < <(instances --filter health=starting --filter health=unhealthy; instances --filter health=healthy)
number=${#old[@]}
[ "$number" -gt 0 ] || fail "no instance runs; start them by docker compose up"
if [ -e "$unfinished" ]; then
    read -r number_before left <"$unfinished"
    for instance in $left; do
        [[ " ${old[*]} " != *" $instance "* ]] || number=$number_before
    done
fi
echo "$number" "${old[@]}" >"$unfinished"

for instance in "${old[@]}"; do
    mapfile -t before < <(instances)
    # One more than there should be is there already, where an update was interrupted.
    if [ "${#before[@]}" -le "$number" ] && ! scale $((number + 1)); then
        echo "rolling-update: the new instance is not healthy; the others still run" >&2
        docker compose logs --tail 20 api >&2
        # Those that were there before it, and they alone, stay.
        for present in $(docker compose ps --all --quiet api); do
            [[ " ${before[*]} " = *" $present "* ]] || docker rm --force --volumes "$present" >/dev/null
        done
        rm -f "$unfinished"
        exit 1
    fi
    docker stop "$instance" >/dev/null
    docker rm --volumes "$instance" >/dev/null
done
rm -f "$unfinished"
echo "rolling-update: $number instances replaced" >&2
