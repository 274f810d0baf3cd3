#!/bin/sh
# Checks that Redis has as many keys as the restored RDB file, and that one of its messages is intact.
#
#   verify.sh KEYS EXPIRED     the numbers that count.sh printed
set -eu

keys=$(redis-cli DBSIZE)
if [ "$keys" -gt "$1" ] || [ "$keys" -lt $(($1 - $2)) ]; then
    echo "verify: Redis has $keys keys, but the file has $1" >&2
    exit 1
fi
[ "$keys" -gt 0 ] || exit 0
# A key ends with the SHA-256 of its message, in 64 digits.
key=$(redis-cli RANDOMKEY)
hash=$(redis-cli --raw GET "$key" | head -c -1 | sha256sum | cut -d ' ' -f 1)
case $key in *"$hash") ;; *)
    echo "verify: the message of $key is not what was stored" >&2
    exit 1
    ;;
esac
