#!/usr/bin/env bash
# Starts Redis, which must have no data yet, with what deploy/backup.sh wrote.
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
    # What was there goes on; where nothing was, nothing is begun, so that it can be tried again.
    [ -z "$ran" ] || docker compose up --detach --wait redis
    exit 1
fi
docker compose up --detach --wait redis
container=$(docker compose ps --quiet redis)
volume=$(docker inspect --format '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Source}}{{end}}{{end}}' "$container")
read -r messages expired <<<"$keys"
docker compose exec -T redis sh /etc/redis/verify.sh "$messages" "$expired" ||
    fail "what Redis has, in $volume, is not what $file has"
echo "restore: $messages messages, in $volume" >&2
