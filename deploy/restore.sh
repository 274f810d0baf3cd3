#!/usr/bin/env bash
# Starts Redis, which must have no data yet, with what deploy/backup.sh wrote.
#
#   deploy/restore.sh FILE
set -euo pipefail
file=${1:?the file to read is missing}
compose=$(dirname "$0")/../docker-compose.yml

docker compose -f "$compose" stop redis
code=0
docker compose -f "$compose" run --rm --no-deps -T --entrypoint sh redis /etc/redis/restore.sh <"$file" || code=$?
# Also where it refused: what was there goes on.
docker compose -f "$compose" up --detach --wait redis
echo "restore: $(docker compose -f "$compose" exec -T redis redis-cli DBSIZE) messages" >&2
exit "$code"
