#!/usr/bin/env bash
# A demonstration Galaxy with galaxy-tiaas on http://127.0.0.1:${PORT:-8080}.
# Everything it writes is below .run/; remove that folder to start over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

run=$PWD/.run
port=${PORT:-8080}
[[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || fail "PORT must be a number from 1 to 65535, not '$port'"

python=$(find_python)

port_is_free='
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError as error:
        sys.exit(str(error))
'
"$python" -c "$port_is_free" "$port" 2>/dev/null ||
    fail "port $port is taken or not allowed. Choose another one: PORT=$((port < 65535 ? port + 1 : 8081)) ./run.sh"

mkdir -p "$run/tmp"
export TMPDIR=$run/tmp PIP_CACHE_DIR=$run/pip-cache UV_CACHE_DIR=$run/uv-cache
if [[ ! -f $run/venv/complete ]]; then
    echo "The first start takes two to three minutes: Galaxy is installed into .run/venv and creates its database."
fi
ensure_environment "$run/venv" "$python" galaxy "$(newest_release)"

exec "$run/venv/bin/python" -B -m demo "$run" "$port"
