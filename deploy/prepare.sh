#!/bin/sh
# Runs first at each `docker compose up`. It checks that the containers can read their files, and creates missing
# passwords of Redis. The Redis nodes and the sentinels have both passwords; the API has only its own.
set -eu

unreadable=$(find /deploy \( ! -perm -o=r -o -type d ! -perm -o=x \) -print -quit 2>&1)
if [ -n "$unreadable" ]; then
    echo "prepare: the containers cannot read .$unreadable, because not every user can:" \
        "run chmod -R a+rX deploy" >&2
    exit 1
fi

umask 022
for file in /passwords/admin/password /passwords/api/password; do
    [ -s "$file" ] && continue
    head -c 32 /dev/urandom | sha256sum | cut -c 1-64 >"$file.new"
    mv "$file.new" "$file"
done
