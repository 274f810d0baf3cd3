#!/bin/sh
# Runs before everything else, at each `docker compose up`: checks that the containers can read their files, and
# makes the passwords of Redis where there are none. The administrator's is for the Redis nodes and the
# sentinels; the API's is for the API, too.
set -eu

unreadable=$(find /deploy \( ! -perm -o=r -o -type d ! -perm -o=x \) -print -quit 2>&1)
if [ -n "$unreadable" ]; then
    echo "prepare: not every user can read .$unreadable, so neither can the containers:" \
        "run chmod -R a+rX deploy" >&2
    exit 1
fi

umask 022
for file in /passwords/admin/password /passwords/api/password; do
    [ -s "$file" ] && continue
    head -c 32 /dev/urandom | sha256sum | cut -c 1-64 >"$file.new"
    mv "$file.new" "$file"
done
