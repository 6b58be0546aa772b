"""`benchmarks/run.sh faults`; see README.md beside the folder."""

import argparse
import importlib
import logging
import os
import signal
import sys
import time
import warnings
from typing import NoReturn

# What libraries say of themselves while they are imported.
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
# Else a Galaxy in this process has all of it put temporary files into a folder that goes with the fault.
os.environ["GALAXY_CONFIG_OVERRIDE_OVERRIDE_TEMPDIR"] = "false"

from .site import Outcome  # noqa: E402

FAULTS = (
    "worker_killed",
    "database_restarted",
    "database_read_only",
    "connections_exhausted",
    "upgrade_interrupted",
    "mail_hanging",
    "disk_full",
    "clocks_apart",
    "database_slow",
)


def main() -> int:
    options = _options()
    # A plain `kill` stops Galaxy and PostgreSQL too, as ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    names = FAULTS if "all" in options.names else options.names
    broken = {name: bad for name in names if (bad := _run(name, options.rounds))}
    for name, rounds in broken.items():
        print(f"{name}: broken in round {', '.join(map(str, rounds))}")
    return 1 if broken else 0


def _run(name: str, rounds: int) -> list[int]:
    """The rounds in which something was broken."""
    fault = importlib.import_module(f".{name}", __package__)
    print(f"{name}: {fault.__doc__}", flush=True)
    bad = []
    with fault.prepared() as round_:
        for number in range(1, rounds + 1):
            started = time.monotonic()
            outcome: Outcome = round_(number)
            _say(f"{name}, round {number} of {rounds}, {time.monotonic() - started:.0f} s", outcome)
            if not outcome.is_good:
                bad.append(number)
    return bad


def _say(what: str, outcome: Outcome) -> None:
    print(f"{what}: {'good' if outcome.is_good else 'BROKEN'}; {'; '.join(outcome.facts)}")
    for name, found in outcome.checked.items():
        print(f"    {'BREACH' if found else 'ok    '} {name}")
        for sentence in found[:10]:
            print(f"           {sentence}")
    if not outcome.is_good:
        print("    what the server's log has of mistakes:")
        for traceback in outcome.tracebacks[:3]:
            print("".join(f"        {line}\n" for line in traceback.splitlines()), end="")
    sys.stdout.flush()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.sh faults", description=__doc__)
    parser.add_argument("names", nargs="+", choices=[*FAULTS, "all"], metavar="FAULT", help=", ".join([*FAULTS, "all"]))
    parser.add_argument("--rounds", type=int, default=10, help="how often it happens (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
