#!/usr/bin/env bash
# Starts Redis, which must have no data yet, with what deploy/backup.sh wrote.
#
#   deploy/restore.sh FILE
set -euo pipefail
file=${1:?the file to read is missing}
compose=$(dirname "$0")/../docker-compose.yml

ran=$(docker compose -f "$compose" ps --quiet --status running redis)
docker compose -f "$compose" stop redis
code=0
docker compose -f "$compose" run --rm --no-deps -T --entrypoint sh redis /etc/redis/restore.sh <"$file" || code=$?
if [ "$code" != 0 ]; then
    # What was there goes on; where nothing was, nothing is begun, so that it can be tried again.
    [ -z "$ran" ] || docker compose -f "$compose" up --detach --wait redis
    exit "$code"
fi
docker compose -f "$compose" up --detach --wait redis
echo "restore: $(docker compose -f "$compose" exec -T redis redis-cli DBSIZE) messages" >&2
