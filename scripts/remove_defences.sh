#!/usr/bin/env bash
# Shows that each defence in test/defences.yml has a test that fails without it; words choose some of them by name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh
# shellcheck source=scripts/test_environment.sh
source scripts/test_environment.sh
export PATH=$venv/bin:$PATH TIAAS_TEST_CACHE=$cache
exec "$venv/bin/python" scripts/remove_defences.py "$@"
