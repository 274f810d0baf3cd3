#!/usr/bin/env bash
# Turns profile ha on or off: adds the lines of deploy/ha.env to .env, or removes them.
#
#   deploy/ha.sh on      then: docker compose up -d --wait
#   deploy/ha.sh off     makes redis the primary, and stops the stack; then: docker compose up -d --wait
set -euo pipefail
# shellcheck source=deploy/stack.sh
. "$(dirname "$0")/stack.sh"

touch .env
# value NAME [FILE]: prints the last value, which is the one that Compose uses.
value() { sed -n "s/^$1=//p" "${2:-.env}" | tail -n 1; }
# keep TEXT: replaces .env atomically, and keeps its owner and permissions.
keep() {
    cp -p .env .env.new
    printf '%s\n' "$1" >.env.new
    mv .env.new .env
}
names=$(sed -n 's/^\([A-Z_]*\)=.*/\1/p' deploy/ha.env | grep -vx COMPOSE_PROFILES)
profiles() { value COMPOSE_PROFILES | tr ',' '\n' | grep -vx -e ha -e '' || true; }
# without_ha_settings: prints .env without the settings of profile ha and without COMPOSE_PROFILES.
without_ha_settings() { grep -vE "^(COMPOSE_PROFILES|$(paste -sd '|' <<<"$names"))=" .env || true; }

turn_on() {
    local name there lines=()
    there=$(value STORE)
    [ -z "$there" ] || [ "$there" = "$(value STORE deploy/ha.env)" ] ||
        fail ".env has another STORE; profile ha is for the Redis of the compose file: remove that line first"
    for name in $names; do
        there=$(value "$name")
        lines+=("$name=${there:-$(value "$name" deploy/ha.env)}")
    done
    keep "$(without_ha_settings; echo "COMPOSE_PROFILES=$( (echo ha; profiles) | paste -sd ,)"; printf '%s\n' "${lines[@]}")"
    echo "ha: .env has the lines of profile ha; now run: docker compose up -d --wait" >&2
}

sentinel() { docker compose exec -T "$1" redis-cli -p 26379 SENTINEL "${@:2}"; }
primary_by() { sentinel "$1" GET-MASTER-ADDR-BY-NAME messages | head -n 1; }
# replication NODE FIELD
replication() { docker compose exec -T "$1" redis-cli INFO replication | tr -d '\r' | sed -n "s/^$2://p"; }
# eventually ERROR COMMAND...: repeats the command until it succeeds, and fails with this error after a minute.
eventually() {
    local deadline=$((SECONDS + 60))
    until "${@:2}"; do
        [ "$SECONDS" -lt "$deadline" ] || fail "$1"
        sleep 0.5
    done
}
# has_everything OFFSET: whether redis has received the stream of writes up to this offset. The stream keeps growing,
# because sentinels write to it as well.
has_everything() {
    [ "$(replication redis master_link_status)" = up ] && [ "$(replication redis slave_repl_offset)" -ge "$1" ]
}
prefers_redis() { sentinel sentinel-1 REPLICAS messages | paste -sd ' ' | grep -q 'name redis:6379 .* slave-priority 1 '; }
all_say_redis() {
    local name
    for name in sentinel-1 sentinel-2 sentinel-3; do [ "$(primary_by "$name")" = redis ] || return 1; done
    [ "$(replication redis role)" = master ]
}

turn_off() {
    local primary
    if [ -n "$(docker compose ps --quiet --status running sentinel-1)" ]; then
        primary=$(primary_by sentinel-1)
        # Stops all writers, so that no message can follow the offset that is read below.
        docker compose stop nginx api
        trap 'docker compose start api nginx' EXIT
        if [ "$primary" != redis ]; then
            eventually "redis lacks messages that $primary has; profile ha stays on" has_everything "$(replication "$primary" master_repl_offset)"
            docker compose exec -T redis redis-cli CONFIG SET replica-priority 1 >/dev/null
            eventually "the sentinels do not see redis; profile ha stays on" prefers_redis
            sentinel sentinel-1 FAILOVER messages >/dev/null
        fi
        eventually "redis does not become the primary; profile ha stays on" all_say_redis
        echo "ha: redis is the primary, with $(docker compose exec -T redis redis-cli DBSIZE) messages" >&2
        trap - EXIT
    fi
    docker compose --profile '*' down
    keep "$(without_ha_settings; profiles | paste -sd , | sed -n 's/^..*/COMPOSE_PROFILES=&/p')"
    echo "ha: .env no longer has profile ha; now run: docker compose up -d --wait" >&2
}

case ${1:-} in
    on) turn_on ;;
    off) turn_off ;;
    *) fail "usage: deploy/ha.sh on | off" ;;
esac
