#!/usr/bin/env bash
# Replaces every instance of the API by one of the present image and settings, one after the other, without
# a failed request: starts a new one, waits until it is healthy, stops an old one.
#
#   docker compose build api && deploy/rolling-update.sh
set -euo pipefail
cd "$(dirname "$0")/.."

instances() { docker compose ps --quiet api; }

# scale NUMBER: what runs goes on as it is; what is missing is started from the present image.
scale() { docker compose up --detach --wait --no-deps --no-recreate --scale "api=$1" api; }

read -r -d "" -a old < <(instances) || true
number=${#old[@]}
[ "$number" -gt 0 ] || { echo "rolling-update: no instance runs; start them by docker compose up" >&2; exit 1; }

for instance in "${old[@]}"; do
    read -r -d "" -a before < <(instances) || true
    if ! scale $((number + 1)); then
        echo "rolling-update: the new instance is not healthy; the others still run" >&2
        docker compose logs --tail 20 api >&2
        # Those that were there before it, and they alone, stay.
        for present in $(instances); do
            [[ " ${before[*]} " = *" $present "* ]] || docker rm --force --volumes "$present" >/dev/null
        done
        exit 1
    fi
    docker stop "$instance" >/dev/null
    docker rm --volumes "$instance" >/dev/null
done
echo "rolling-update: $number instances replaced" >&2
