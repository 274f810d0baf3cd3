#!/usr/bin/env bash
# Writes all messages that Redis has now into a file (RDB), while it goes on working.
#
#   deploy/backup.sh FILE [SERVICE]     SERVICE is the node that is asked: redis, or another in profile ha
set -euo pipefail
file=${1:?the file to write is missing}
compose=$(dirname "$0")/../docker-compose.yml

if ! docker compose -f "$compose" exec -T "${2:-redis}" sh /etc/redis/backup.sh >"$file.part"; then
    rm -f "$file.part"
    exit 1
fi
mv "$file.part" "$file"
echo "backup: $(wc -c <"$file") bytes in $file" >&2
