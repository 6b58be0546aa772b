#!/usr/bin/env bash
# Installs what the tests need, then runs them; arguments go to pytest.
#   ./run_tests.sh                 everything, in some 15 minutes
#   ./run_tests.sh test/unit -n 2  some minutes
#   ./run_tests.sh --no-rerun ...  what fails is not run a second time
#   ./run_tests.sh --galaxy 25.1   on another release of Galaxy: what may differ there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

release=
if [[ ${1:-} == --galaxy ]]; then
    release=${2:?--galaxy needs a release, such as 25.1}
    release_file "$release" >/dev/null
    shift 2
    [[ $# -gt 0 ]] || set -- -n 3 --dist loadgroup --no-loadscope-reorder test/unit \
        test/integration/test_mount.py test/integration/test_journey.py test/browser/test_galaxy_window.py
fi
# shellcheck source=scripts/test_environment.sh
source scripts/test_environment.sh

# A test that needs a missing one of these says so and is skipped, but for us.
missing=()
has_postgres || missing+=(postgresql)
has_browser || missing+=(chromium)
install_missing_system_packages ${missing[@]+"${missing[@]}"}

# Ours wins over the checkout that happened to build the virtualenv.
export PYTHONPATH=$PWD/lib PATH=$venv/bin:$PATH TIAAS_TEST_CACHE=$cache MYPY_CACHE_DIR=$cache/mypy
exec "$venv/bin/python" scripts/run_tests.py "$@"
