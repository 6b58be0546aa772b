# shellcheck shell=bash
# Sourced by run_tests.sh and benchmarks/run.sh, after environment.sh: keeps the
# virtualenv with everything that tests need, and leaves its folder in $venv.
# $release names the release of Galaxy; the newest without it.

# The virtualenv is outside the checkout: several checkouts share it.
cache_folder() {
    local folder
    for folder in "${GALAXY_TIAAS_CACHE:-}" "${XDG_CACHE_HOME:+$XDG_CACHE_HOME/galaxy-tiaas}" \
        "${HOME:+$HOME/.cache/galaxy-tiaas}" "${TMPDIR:-/tmp}/galaxy-tiaas-$(id -u)"; do
        if [[ -n $folder ]] && mkdir -p "$folder" 2>/dev/null && [[ -w $folder ]]; then
            echo "$folder"
            return
        fi
    done
    fail "no folder for the virtualenv can be written; set GALAXY_TIAAS_CACHE to one"
}

has_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

has_browser() {
    command -v chromium >/dev/null || command -v google-chrome >/dev/null
}

# Those that root can install; anybody else is told what will be missing.
install_missing_system_packages() { # PACKAGE...
    [[ $# -eq 0 ]] && return
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        install_system_packages "$@"
    else
        echo "Missing, and what needs them cannot run: $*" >&2
    fi
}

python=$(find_python)
cache=$(cache_folder)
release=${release:-$(newest_release)}
venv=$cache/venv-$(environment_key "$python" galaxy,test "$release")
(
    # Two checkouts must not build the same virtualenv at once.
    if command -v flock >/dev/null; then flock 9; fi
    ensure_environment "$venv" "$python" galaxy,test "$release"
    touch "$venv"
    # Those of dependencies that nobody has used for a month.
    find "$cache" -maxdepth 1 -name 'venv-*' -mtime +30 -exec rm -rf {} +
) 9>"$cache/lock"
