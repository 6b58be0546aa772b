"""Runs the demonstration until ctrl-C: `python -m demo FOLDER PORT`. See run.sh."""

import fcntl
import json
import secrets
import signal
import sys
from pathlib import Path
from typing import (
    IO,
    NoReturn,
)

from .instance import write_instance
from .seed import (
    ADMIN,
    email_of,
    INSTRUCTOR,
    PASSWORD,
    seed,
    SeedFailed,
    TRAINEE,
)
from .server import (
    GalaxyProcess,
    StartFailed,
)

WELCOME = """
galaxy-tiaas is running: {url}

  Log in as         e-mail                  password
  an admin          {admin:<23} {password}
  an instructor     {instructor:<23} {password}
  a trainee         {trainee:<23} {password}

  About             {url}/tiaas/
  Ask for a course  {url}/tiaas/new/
  Decide (admin)    {url}/tiaas/admin/
  Join a course     {url}/join-training/slytherin
  Watch the class   {url}/join-training/slytherin/status

Everything is kept in {folder}; remove that folder to start over.
Ctrl-C stops Galaxy."""


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    _stop_on_signals()
    lock = _lock(folder / "lock")
    url = f"http://127.0.0.1:{port}"
    keys = _secrets(folder / "secrets.json")
    galaxy_yml = write_instance(
        folder,
        url=url,
        galaxy={**keys, "brand": "TIaaS demonstration", "enable_notification_system": True},
        tiaas={
            "owner": "Demonstration Galaxy",
            "contact_email": email_of(ADMIN),
            "late_request_prevention_days": 0,
        },
    )
    # Strict: a demonstration of a Galaxy without the extension would be none.
    strict = {"GALAXY_TIAAS_STRICT": "1"}
    galaxy = GalaxyProcess(galaxy_yml, port=port, log=folder / "galaxy.log", env=strict)
    try:
        print("Starting Galaxy, which takes about a minute ", end="", flush=True)
        galaxy.start()
        galaxy.wait_ready(url, tick=_Dots())
        print(" ready.", flush=True)
        seed(url, keys["bootstrap_admin_api_key"])
        print(_welcome(url, folder), flush=True)
        code = galaxy.wait()
        sys.exit(f"Galaxy stopped by itself (exit code {code}). Its last words:\n{galaxy.log_tail()}")
    except (StartFailed, SeedFailed) as error:
        sys.exit(f"\n{error}\n\nThe whole log: {galaxy.log}")
    except KeyboardInterrupt:
        print("\nStopping Galaxy ...", flush=True)
    finally:
        galaxy.stop()
        lock.close()


def _stop_on_signals() -> None:
    """Let a closed terminal or a plain `kill` stop Galaxy too, as ctrl-C does."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _lock(path: Path) -> IO[str]:
    """Two servers on one SQLite database would damage each other's work."""
    handle = path.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("The demonstration is already running from this folder, perhaps on another port.")
    return handle


def _secrets(path: Path) -> dict[str, str]:
    """Made once: sessions, encoded ids and keys have to survive a restart."""
    if not path.exists():
        unfinished = path.with_suffix(".tmp")
        unfinished.touch(mode=0o600)
        made = {name: secrets.token_hex(24) for name in ("id_secret", "bootstrap_admin_api_key")}
        unfinished.write_text(json.dumps(made))
        unfinished.rename(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


class _Dots:
    """A dot every few calls, so that one can see that something goes on."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self) -> None:
        self._calls += 1
        if self._calls % 7 == 0:
            print(".", end="", flush=True)


def _welcome(url: str, folder: Path) -> str:
    return WELCOME.format(
        url=url,
        folder=folder,
        password=PASSWORD,
        admin=email_of(ADMIN),
        instructor=email_of(INSTRUCTOR),
        trainee=email_of(TRAINEE),
    )


if __name__ == "__main__":
    main()
