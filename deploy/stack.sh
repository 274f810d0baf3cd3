# shellcheck shell=bash
# Sourced by the scripts in this folder. It changes to the folder of the compose file, and sets the variables with which
# `docker compose` finds the stack that runs from there: its project name and the files that it was started with.

caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# absolute FILE: prints the path, relative to the folder of the caller.
absolute() {
    case $1 in /*) echo "$1" ;; *) echo "$caller/$1" ;; esac
}

# containers FOLDER: prints the project, files and env files of the containers started from the folder, newest first.
# Compose stores them in labels.
containers() {
    local label=com.docker.compose
    docker ps --all --filter "label=$label.project.working_dir=$1" \
        ${COMPOSE_PROJECT_NAME:+--filter "label=$label.project=$COMPOSE_PROJECT_NAME"} --format \
        "{{.Label \"$label.project\"}}|{{.Label \"$label.project.config_files\"}}|{{.Label \"$label.project.environment_file\"}}"
}

found=$(containers "$PWD")
[ -n "$found" ] || found=$(containers "$(pwd -P)")
projects=$(cut -d '|' -f 1 <<<"$found" | sort -u)
[ "$(wc -l <<<"$projects")" = 1 ] ||
    fail "several stacks run from here; set COMPOSE_PROJECT_NAME to one of them: ${projects//$'\n'/, }"
if [ -n "$found" ]; then
    IFS='|' read -r COMPOSE_PROJECT_NAME files env_files <<<"$found"
    export COMPOSE_PROJECT_NAME
    [ -n "${COMPOSE_FILE:-}" ] || export COMPOSE_FILE=$files COMPOSE_PATH_SEPARATOR=,
    [ -z "$env_files" ] || export COMPOSE_ENV_FILES=${COMPOSE_ENV_FILES:-$env_files}
fi
