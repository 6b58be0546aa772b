"""The mail server takes connections and never answers."""

import socket
import threading
import time
from collections import Counter
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    suppress,
)

from mail_server import MailServer
from postgres import free_port

from .site import (
    Outcome,
    postgres_site,
    Site,
)

#: By how much the median request may take longer, and by how many seconds besides: the machine has other work.
_SLOWER = 3
_SECONDS = 1.0
#: Seconds in which mails must be tried, or delivered.
_PATIENCE = 120


class HangingMailServer:
    """Says nothing, or greets and says nothing more."""

    def __init__(self, port: int, *, greets: bool) -> None:
        self.connections = 0
        self._greets = greets
        self._held: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "HangingMailServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Alone, closing does not wake up whoever waits for a connection.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for connection in self._held:
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._held.append(connection)
                if self._greets:
                    connection.sendall(b"220 mail.example.org ESMTP\r\n")


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    port = free_port()
    with postgres_site(galaxy={"smtp_server": f"127.0.0.1:{port}"}) as site:

        def round_(number: int) -> Outcome:
            with MailServer(port=port) as server:
                usual = _work(site, number)
                _deliver(site)
                server.received.clear()
            with HangingMailServer(port, greets=number % 2 == 0) as hanging:
                hung = _work(site, number)
                # Until the attempts have ended.
                _wait_until_nothing_is_claimed(site)
                connections = hanging.connections
            waiting = site.execute("SELECT count(*) FROM tiaas_delivery WHERE channel = 'mail'")[0][0]
            with MailServer(port=port) as server:
                _deliver(site)
                told = Counter((mail.to, mail.subject, mail.message["Message-ID"]) for mail in server.received)
            load = site.load.round(number)
            load.start()
            outcome = site.settle(
                load,
                facts=(
                    f"requests took {usual:.2f} s, and {hung:.2f} s while the mail server hung",
                    f"{connections} connections hung, {waiting} mails waited",
                ),
            )
            slow = hung > _SLOWER * usual + _SECONDS
            outcome.checked["no request waits for mail"] = [f"{hung:.2f} s instead of {usual:.2f} s"] if slow else []
            wrong = [f"{mail} came {count} times" for mail, count in told.items() if count != 1]
            wrong += [f"{len(told)} of {waiting} mails came"] if len(told) != waiting or not waiting else []
            wrong += [] if connections else ["nobody tried the server that hangs"]
            outcome.checked["each mail comes once"] = wrong
            return outcome

        yield round_


def _work(site: Site, number: int) -> float:
    """Seconds that joins and approvals took, of which instructors are told."""
    load = site.load.round(number)
    started = time.monotonic()
    load.start()
    load.finish()
    return time.monotonic() - started


def _wait_until_nothing_is_claimed(site: Site) -> None:
    """Until each mail was tried once."""
    tried = "claimed_until IS NULL AND attempts > 0"
    _wait_while(site, f"SELECT 1 FROM tiaas_delivery WHERE channel = 'mail' AND NOT ({tried})")


def _deliver(site: Site) -> None:
    """Let the time of the next attempts come; the server makes them."""
    waiting = "channel = 'mail' AND claimed_until IS NULL AND delivered_at IS NULL"
    site.execute(f"UPDATE tiaas_delivery SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE {waiting}")
    _wait_while(site, "SELECT 1 FROM tiaas_delivery WHERE channel = 'mail' AND delivered_at IS NULL")


def _wait_while(site: Site, found: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while site.execute(found) and time.monotonic() < deadline:
        time.sleep(0.5)
