#!/usr/bin/env bash
# Installs what the tests need, then runs them; arguments go to pytest.
#   ./run_tests.sh                 everything
#   ./run_tests.sh test/unit       seconds instead of minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/environment.sh
source scripts/environment.sh
# shellcheck source=scripts/test_environment.sh
source scripts/test_environment.sh

# A test that needs a missing one of these says so and is skipped, but for us.
missing=()
has_postgres || missing+=(postgresql)
has_browser || missing+=(chromium)
install_missing_system_packages ${missing[@]+"${missing[@]}"}

# Ours wins over the checkout that happened to build the virtualenv.
export PYTHONPATH=$PWD/lib PATH=$venv/bin:$PATH
if (( $# )); then
    exec "$venv/bin/python" -m pytest "$@"
fi

# Unit tests share nothing; all others share a few Galaxies, and browsers want a machine that is not busy.
failed=0
"$venv/bin/python" -m pytest test/browser test/integration test/packaging || failed=$?
"$venv/bin/python" -m pytest test/unit -n 2 --dist loadfile || failed=$?
exit "$failed"
