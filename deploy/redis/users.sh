#!/bin/sh
# Prints the users of a Redis or a sentinel: the administrator, named `default`, and the API.
#
#   users.sh RULE...     the ACL rules of the API
set -eu
echo "requirepass $(cat /passwords/admin/password)"
echo "user api on #$(tr -d '\n' </passwords/api/password | sha256sum | cut -c 1-64) resetchannels -@all $*"
