#!/usr/bin/env bash
# Writes all messages that Redis has now into a file (RDB), while it goes on working.
#
#   deploy/backup.sh FILE [SERVICE]     SERVICE is the node that is asked: redis, or another in profile ha
set -euo pipefail
file=${1:?the file to write is missing}
compose=$(dirname "$0")/../docker-compose.yml

docker compose -f "$compose" exec -T "${2:-redis}" redis-cli --rdb - >"$file.part" 2>"$file.log" ||
    { cat "$file.log" >&2; rm -f "$file.part" "$file.log"; echo "backup: FAILED" >&2; exit 1; }
mv "$file.part" "$file"
rm -f "$file.log"
echo "backup: $(wc -c <"$file") bytes in $file" >&2
