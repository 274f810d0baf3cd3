#!/usr/bin/env bash
# Writes all current messages of Redis into an RDB file, while Redis keeps serving.
#
#   deploy/backup.sh FILE [SERVICE]     SERVICE is the node to back up; default: the primary
set -euo pipefail
# shellcheck source=deploy/stack.sh
. "$(dirname "$0")/stack.sh"
file=$(absolute "${1:?the file to write is missing}")
service=${2:-}

if [ -z "$service" ]; then
    for node in redis redis-2 redis-3; do
        role=$(docker compose exec -T "$node" redis-cli ROLE 2>/dev/null | head -n 1) || continue
        [ "$role" != master ] || service=$node
    done
    [ -n "$service" ] || fail "project ${COMPOSE_PROJECT_NAME:-here} has no working primary"
fi

trap 'rm -f "$file.part" "$file.summary"' EXIT
docker compose exec -T "$service" sh /etc/redis/backup.sh >"$file.part" 2>"$file.summary" || {
    cat "$file.summary" >&2
    exit 1
}
# The last line has the number of messages, and the checksum that the received file must have.
read -r messages checksum <<<"$(tail -n 1 "$file.summary")"
[ "$(sha256sum <"$file.part" | cut -d ' ' -f 1)" = "$checksum" ] || fail "the copy was damaged in transit"
mv "$file.part" "$file"
echo "backup: $messages messages of $service, $(wc -c <"$file") bytes, in $file" >&2
