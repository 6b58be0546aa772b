#!/usr/bin/env bash
# Installs what the benchmark needs, then runs it; see README.md beside this file.
#   benchmarks/run.sh                         at full size, half an hour; writes docs/performance.md
#   benchmarks/run.sh --keep /var/tmp/tiaas   the same, and a second run need not seed again
#   benchmarks/run.sh --only storms           one part: dashboards, lists, joins, storms or start
#   benchmarks/run.sh --smoke                 whether it works
#   benchmarks/run.sh faults all              things that go wrong, and what must be true afterwards
#   benchmarks/run.sh fuzz                    every operation of the API with anything that can be sent
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh
# shellcheck source=scripts/test_environment.sh
source scripts/test_environment.sh

has_postgres || install_missing_system_packages postgresql

export PYTHONPATH=$PWD/lib:$PWD/test:$PWD PATH=$venv/bin:$PATH
module=benchmarks
case "${1:-}" in
    faults | fuzz)
        module=benchmarks.$1
        shift
        ;;
esac
exec "$venv/bin/python" -B -m "$module" "$@"
