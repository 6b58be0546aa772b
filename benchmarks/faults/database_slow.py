"""PostgreSQL is slow: each answer takes a while, or somebody holds a lock on our table."""

import selectors
import socket
import threading
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    ExitStack,
    suppress,
)

from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from postgres import free_port

from .load import Load
from .site import (
    GALAXY,
    Outcome,
    scratch,
    Site,
    TIAAS,
)

#: Of each answer, in seconds; a join asks some twenty times.
DELAY = 0.05
LOCKED_SECONDS = 6


class SlowProxy:
    """Stands between Galaxy and PostgreSQL, and holds back what PostgreSQL says for `delay` seconds."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.delay = 0.0
        self._target = target
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector = selectors.DefaultSelector()
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is server and self.delay:
                        time.sleep(self.delay)
                    key.data.sendall(data)


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        url = postgres.create_database("galaxy")
        proxy = SlowProxy(postgres.port)
        stack.callback(proxy.close)
        slow_url = url.replace(f":{postgres.port}/", f":{proxy.port}/")
        server = GalaxyServer(folder, slow_url, workers=2, preload=True, galaxy_conf=GALAXY, tiaas_conf=TIAAS)
        stack.enter_context(server)
        site = Site(server, Load(Classroom(server)), url, postgres)

        def round_(number: int) -> Outcome:
            load = site.load.round(number)
            if number % 2:
                proxy.delay = DELAY
                load.start()
                load.wait_for(0.7)
                proxy.delay = 0.0
                return site.settle(load, facts=(f"each answer of the database took {DELAY} s more",))
            load.start()
            load.wait_for(0.2)
            with site.engine().begin() as connection:
                connection.exec_driver_sql("LOCK TABLE tiaas_training IN ACCESS EXCLUSIVE MODE")
                time.sleep(LOCKED_SECONDS)
            return site.settle(load, facts=(f"our table was locked for {LOCKED_SECONDS} s",))

        yield round_
