#!/bin/sh
# Stands before the real nginx in PATH. Whenever it is called, so at the start and for `nginx -s reload`, it writes the
# lists of addresses in nginx's language. Line for line, so that nginx names the right one, too.
set -eu

lists=/etc/nginx/lists
rendered=/run/nginx

# render LIST BEFORE AFTER [FILE]: writes each address or CIDR of this list, between these texts, into FILE or LIST.
render() {
    awk -v before="$2" -v after="$3" '
        { line = $0; sub(/#.*/, "", line); gsub(/^[ \t]+|[ \t\r]+$/, "", line) }
        line == "" { print ""; next }
        line !~ /^[0-9A-Fa-f:.]+(\/[0-9]+)?$/ {
            printf "%s, line %d: not an address or a CIDR: %s\n", FILENAME, FNR, $0 > "/dev/stderr"
            exit 1
        }
        { print before line after }
    ' "$lists/$1" >"$rendered/new"
    mv "$rendered/new" "$rendered/${4:-$1}"
}

mkdir -p "$rendered"
render deny.txt "" " 1;"
render allow.txt "" " 0;"
render balancers.txt "set_real_ip_from " ";"
render balancers.txt "" " 1;" balancers.stream.txt
# An allow list with nothing in it lets all in.
grep -q . "$rendered/allow.txt" && default=1 || default=0
echo "default $default;" >>"$rendered/allow.txt"

# has_stream: whether this nginx can accept connections before HTTP does.
has_stream() {
    case "$(/usr/sbin/nginx -V 2>&1) " in *" --with-stream "*) return 0 ;; esac
    grep -qs ngx_stream_module /etc/nginx/modules-enabled/*.conf
}
if has_stream; then
    echo "stream { include /etc/nginx/conf.d/connections.stream; }" >"$rendered/stream.conf"
    echo "listen unix:$rendered/https ssl;" >"$rendered/listen-https.conf"
    echo "listen unix:$rendered/http;" >"$rendered/listen-http.conf"
else
    echo "nginx: it has no stream module: CLIENT_CONNECTIONS is not in force" >&2
    : >"$rendered/stream.conf"
    echo "listen 8443 ssl;" >"$rendered/listen-https.conf"
    echo "listen 8081;" >"$rendered/listen-http.conf"
fi

exec /usr/sbin/nginx "$@"
