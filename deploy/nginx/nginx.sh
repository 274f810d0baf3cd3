#!/bin/sh
# Stands before the real nginx in PATH, and writes the lists of addresses in its language whenever it is
# called: at the start, and for `nginx -s reload`. Line for line, so that nginx names the right one, too.
set -eu

lists=/etc/nginx/lists
rendered=/run/nginx

# render NAME BEFORE AFTER: each address or CIDR of the list NAME, between these texts.
render() {
    awk -v before="$2" -v after="$3" '
        { line = $0; sub(/#.*/, "", line); gsub(/^[ \t]+|[ \t\r]+$/, "", line) }
        line == "" { print ""; next }
        line !~ /^[0-9A-Fa-f:.]+(\/[0-9]+)?$/ {
            printf "%s, line %d: not an address or a CIDR: %s\n", FILENAME, FNR, $0 > "/dev/stderr"
            exit 1
        }
        { print before line after }
    ' "$lists/$1" >"$rendered/$1.new"
    mv "$rendered/$1.new" "$rendered/$1"
}

mkdir -p "$rendered"
render deny.txt "" " 1;"
render allow.txt "" " 0;"
render balancers.txt "set_real_ip_from " ";"
# An allow list with nothing in it lets all in.
grep -q . "$rendered/allow.txt" && default=1 || default=0
echo "default $default;" >>"$rendered/allow.txt"

exec /usr/sbin/nginx "$@"
