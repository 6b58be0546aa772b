#!/usr/bin/env bash
# Installs what the tests need, then runs them; arguments go to pytest.
#   ./run_tests.sh                 everything
#   ./run_tests.sh test/unit       seconds instead of minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

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

# A test that needs a missing one of these says so and is skipped, but for us.
install_missing_system_packages() {
    local missing=()
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
    [[ ${#missing[@]} -eq 0 ]] && return
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        install_system_packages "${missing[@]}"
    else
        echo "Missing, so the tests that need them cannot run: ${missing[*]}" >&2
    fi
}

python=$(find_python)
cache=$(cache_folder)
venv=$cache/venv-$(environment_key "$python" galaxy,test)
(
    # Two checkouts must not build the same virtualenv at once.
    if command -v flock >/dev/null; then flock 9; fi
    ensure_environment "$venv" "$python" galaxy,test
    touch "$venv"
    # Those of dependencies that nobody has used for a month.
    find "$cache" -maxdepth 1 -name 'venv-*' -mtime +30 -exec rm -rf {} +
) 9>"$cache/lock"
install_missing_system_packages

# Ours wins over the checkout that happened to build the virtualenv.
export PYTHONPATH=$PWD/lib PATH=$venv/bin:$PATH
exec "$venv/bin/python" -m pytest "$@"
