#!/usr/bin/env bash
# Replaces all instances of the API, one after the other, by instances with the current image and settings. No request
# fails: it starts a new instance, waits until it is healthy, and then stops an old one. Run the same command again to
# continue an interrupted update.
#
#   docker compose build api && deploy/rolling-update.sh
set -euo pipefail
# shellcheck source=deploy/stack.sh
. "$(dirname "$0")/stack.sh"

# The state of an unfinished update: the number of instances, and the ids of those to replace.
unfinished=.rolling-update

# instances [FILTER...]: prints the running instances that match the filters of `docker ps`.
instances() {
    local id
    for id in $(docker compose ps --quiet api); do docker ps --quiet --no-trunc --filter "id=$id" "$@"; done
}

# scale NUMBER: keeps the running instances, and starts missing ones from the current image. It does not use --no-deps,
# which some versions of Compose treat as a changed configuration: the next `up` would replace all instances.
scale() { docker compose up --detach --wait --no-recreate --scale "api=$1" api; }

# Removes stopped instances, which Compose would start again with their old image.
for instance in $(docker compose ps --all --quiet api); do
    [ -n "$(docker ps --quiet --filter "id=$instance")" ] || docker rm --volumes "$instance" >/dev/null
done
# Unhealthy instances are replaced first.
mapfile -t old < <(instances --filter health=starting --filter health=unhealthy; instances --filter health=healthy)
number=${#old[@]}
[ "$number" -gt 0 ] || fail "no instance runs; start the stack with docker compose up"
if [ -e "$unfinished" ]; then
    read -r number_before left <"$unfinished"
    for instance in $left; do
        [[ " ${old[*]} " != *" $instance "* ]] || number=$number_before
    done
fi
echo "$number" "${old[@]}" >"$unfinished"

for instance in "${old[@]}"; do
    mapfile -t before < <(instances)
    # After an interrupted update there may already be one more instance.
    if [ "${#before[@]}" -le "$number" ] && ! scale $((number + 1)); then
        echo "rolling-update: the new instance is not healthy; the others still run" >&2
        docker compose logs --tail 20 api >&2
        # Keeps only the instances that ran before.
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
