"""How many processes have loaded Galaxy for the tests of this process: each takes half a minute of computing."""


class _GalaxyStarts:
    def __init__(self) -> None:
        self.count = 0

    def add(self, processes: int = 1) -> None:
        self.count += processes


galaxy_starts = _GalaxyStarts()
