# shellcheck shell=bash
# Sourced by run.sh and run_tests.sh: finds a Python and keeps a virtualenv.
# Expects the current folder to be the checkout.

SUPPORTED_PYTHONS="3.10, 3.11, 3.12 or 3.13"
# One file for each release of Galaxy that is supported, with what it pins.
RELEASES_FOLDER=test/galaxy_releases

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Prints the first usable interpreter. $PYTHON, if set, is the only candidate.
find_python() {
    local candidate suitable='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3}; do
        if "$candidate" -c "$suitable" >/dev/null 2>&1; then
            # What `python3` means can depend on the folder; this does not.
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    fail "Python $SUPPORTED_PYTHONS is needed and none was found" \
        "(looked at: ${PYTHON:-python3 and python3.10 to python3.13}). Set PYTHON to name one."
}

# Debian and Ubuntu ship Python without the module that makes virtualenvs.
require_venv_module() { # PYTHON
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        install_system_packages python3-venv
        "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
    fi
    fail "$1 cannot make virtualenvs; on Debian and Ubuntu: sudo apt-get install python3-venv"
}

# Runs a command with its output in LOG; says in one line what is being done and how long it took. A terminal has a bar
# meanwhile.
stage() { # WHAT LOG COMMAND...
    local what=$1 log=$2 started=$SECONDS status=0 bar=
    shift 2
    if [[ -t 1 ]]; then
        _progress "$what" &
        bar=$!
    fi
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [[ $bar ]]; then
        kill "$bar"
        wait "$bar" 2>/dev/null || true
        printf '\r\e[K'
    fi
    if ((status)); then
        printf '%s: failed after %d s. The last lines of %s:\n' "$what" $((SECONDS - started)) "$log" >&2
        tail -n 15 "$log" >&2
        return "$status"
    fi
    printf '%s: done in %d s\n' "$what" $((SECONDS - started))
}

_progress() { # WHAT
    local started=$SECONDS bar
    while kill -0 $$ 2>/dev/null; do
        printf -v bar '%*s' $(((SECONDS - started) % 30 + 1)) ''
        printf '\r%s [%-30s] %d s' "$1" "${bar// /#}" $((SECONDS - started))
        sleep 0.5
    done
}

install_system_packages() { # PACKAGE...
    stage "Installing $*" "${TMPDIR:-/tmp}/galaxy-tiaas-apt.log" _apt_install "$@"
}

_apt_install() { # PACKAGE...
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

newest_release() {
    basename "$(printf '%s\n' "$RELEASES_FOLDER"/*.txt | sort -V | tail -n 1)" .txt
}

# Prints the file with the pins of a release.
release_file() { # RELEASE
    local file=$RELEASES_FOLDER/$1.txt known
    known=$(cd "$RELEASES_FOLDER" && printf '%s\n' *.txt | sort -V | sed 's/\.txt$//' | tr '\n' ' ')
    [[ -f $file ]] || fail "there is no Galaxy $1 to try; there are: ${known% }"
    echo "$file"
}

# One word that changes with the dependencies, the Python and the extras.
environment_key() { # PYTHON EXTRAS RELEASE
    {
        "$1" -c 'import sys; print(sys.executable, sys.version)'
        echo "$2"
        cat setup.cfg pyproject.toml constraints.txt "$(release_file "$3")"
    } | "$1" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])'
}

# Makes VENV unless it is there and complete. The marker is written last, so an
# interrupted installation is never taken for a finished one; and since pip
# cannot tell a half-written package from a whole one, it starts anew.
ensure_environment() { # VENV PYTHON EXTRAS RELEASE
    local venv=$1 python=$2 extras=$3 release=$4 key scratch
    key="$(environment_key "$python" "$extras" "$release") $venv"
    if [[ -f $venv/complete && $(<"$venv/complete") == "$key" ]]; then
        return
    fi
    require_venv_module "$python"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # Keeps setuptools' scratch folders out of the checkout.
    scratch=$venv/scratch
    mkdir -p "$scratch"
    printf '[egg_info]\negg_base = %s\n[build]\nbuild_base = %s\n' "$scratch" "$scratch" >"$scratch/distutils.cfg"
    DIST_EXTRA_CONFIG=$scratch/distutils.cfg \
        stage "Installing Galaxy $release and galaxy-tiaas" "$venv/install.log" \
        _install_packages "$venv" "$extras" "$(release_file "$release")"
    printf '%s\n' "$key" >"$venv/complete"
}

# uv takes seconds where pip takes minutes. It knows nothing of pip's settings, such as another package index: where it
# cannot be had or does not succeed, pip does the same.
_install_packages() { # VENV EXTRAS PINS
    local venv=$1 arguments=(--constraint constraints.txt --constraint "$3" --editable ".[$2]")
    if "$venv/bin/python" -m pip install --constraint constraints.txt uv; then
        # Galaxy is started without writing bytecode.
        "$venv/bin/python" -m uv pip install --python "$venv/bin/python" --compile-bytecode "${arguments[@]}" && return
    fi
    "$venv/bin/python" -m pip install "${arguments[@]}"
}

# The caller's Python settings are not meant for our virtualenv.
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP VIRTUAL_ENV
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1
