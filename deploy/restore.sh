#!/usr/bin/env bash
# Starts an empty Redis with the messages of a file that deploy/backup.sh wrote.
#
#   deploy/restore.sh FILE
set -euo pipefail
# shellcheck source=deploy/stack.sh
. "$(dirname "$0")/stack.sh"
file=$(absolute "${1:?the file to read is missing}")
[ -r "$file" ] || fail "cannot read $file"

ran=$(docker compose ps --quiet --status running redis)
docker compose stop redis
if ! keys=$(docker compose run --rm --no-deps -T --entrypoint sh redis /etc/redis/restore.sh <"$file"); then
    # Restarts a Redis that was running. Otherwise nothing is started, so that the restore can be repeated.
    [ -z "$ran" ] || docker compose up --detach --wait redis
    exit 1
fi
docker compose up --detach --wait redis
container=$(docker compose ps --quiet redis)
volume=$(docker inspect --format '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Source}}{{end}}{{end}}' "$container")
read -r messages expired <<<"$keys"
docker compose exec -T redis sh /etc/redis/verify.sh "$messages" "$expired" ||
    fail "Redis, in $volume, does not have the messages of $file"
echo "restore: $messages messages, in $volume" >&2
