"""What the extension adds to the start of Galaxy, in seconds of computing."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
from fixtures import GalaxyServer

from demo.server import GalaxyProcess

#: Gunicorn's configuration, with the extension and without.
_WITH, _WITHOUT = "python:galaxy_tiaas.gunicorn", "python:galaxy.web_stack.gunicorn_config"


class _Measured(GalaxyProcess):
    def computed(self) -> float:
        """Seconds that gunicorn and its worker have computed until now."""
        assert self._process
        main = psutil.Process(self._process.pid)
        return sum(sum(process.cpu_times()[:2]) for process in (main, *main.children(recursive=True)))


def added_share(directory: Path, url: str, rounds: int, say: Callable[[str], None]) -> tuple[float, list[float]]:
    """Seconds of Galaxy's start by itself, and by how much each start with the extension is longer (0.03: 3 %).

    Bytecode is there, as where something is installed; the checkout has none.
    """
    bare: list[float] = []
    mounted: list[float] = []
    for number in range(rounds + 1):
        for config, seconds in ((_WITHOUT, bare), (_WITH, mounted)):
            folder = directory / f"start-{number}-{len(seconds)}-{config.rpartition(':')[2]}"
            folder.mkdir()
            computed = _start(folder, url, config, directory / "bytecode")
            # The first one compiles.
            if number:
                seconds.append(computed)
                say(f"A start {'with' if config == _WITH else 'without'} the extension: {computed:.1f} s of computing")
    reference = median(bare)
    return reference, [seconds / reference - 1 for seconds in mounted]


def _start(folder: Path, url: str, config: str, bytecode: Path) -> float:
    environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
    with GalaxyServer(folder, url, gunicorn_config=config, env=environment, strict=False, process=_Measured) as galaxy:
        # Threads that begin to work when it is there.
        time.sleep(2)
        process = galaxy._process
        assert isinstance(process, _Measured)
        return process.computed()
