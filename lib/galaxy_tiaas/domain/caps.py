"""Limits for the jobs of a training, applied to what a job environment asks of its scheduler.

A cap lowers what is there and adds nothing: an environment that names no memory leaves it to its scheduler, whose
options only its admin knows. A value that cannot be understood (an expression, say) stays as it is.
"""

import re
from collections.abc import (
    Callable,
    Mapping,
)
from dataclasses import (
    dataclass,
    fields,
)
from math import ceil
from typing import (
    Any,
    Optional,
    Union,
)

_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True)
class Caps:
    """At most so much for one job; ``None``: no limit."""

    cores: Optional[int] = None
    memory_mb: Optional[int] = None
    walltime_minutes: Optional[int] = None

    def over(self, others: "Caps") -> "Caps":
        """These, and the others where there is none of these."""
        return Caps(*(_first(getattr(self, f.name), getattr(others, f.name)) for f in fields(Caps)))

    def lowered_to(self, wished: "Caps") -> "Caps":
        """What somebody gets who wished for so much: the smaller of each."""
        return Caps(*(_smaller(getattr(self, f.name), getattr(wished, f.name)) for f in fields(Caps)))


def wishes(resource_params: Mapping[str, Any]) -> Caps:
    """What a user chose in Galaxy's job resource parameters, by the names of Galaxy's own example (GB and hours)."""
    return Caps(
        cores=_number_of(resource_params, ("cores", "processors", "cpus", "ncpus"), 1),
        memory_mb=_number_of(resource_params, ("memory", "mem"), 1024),
        walltime_minutes=_number_of(resource_params, ("time", "walltime"), 60),
    )


def capped(params: Mapping[str, Any], caps: Caps) -> dict[str, Any]:
    """The same parameters of a job environment with nothing above the caps; the given ones stay as they are."""
    return {name: _capped_value(name, value, caps) for name, value in params.items()}


def clock(minutes: int) -> str:
    """``8:00:00``, as most schedulers read a walltime."""
    return f"{minutes // 60}:{minutes % 60:02}:00"


def _capped_value(name: str, value: Any, caps: Caps) -> Any:
    if value is None or isinstance(value, (bool, dict, list)):
        return value
    if name in _SPECIFICATIONS:
        return _capped_specification(str(value), caps)
    if name not in _PARAMETERS:
        return value
    cap, read, write = _PARAMETERS[name]
    limit = getattr(caps, cap)
    asked = read(str(value))
    return value if limit is None or asked is None or asked <= limit else write(limit)


# Single parameters


def _whole(text: str) -> Optional[float]:
    return float(text) if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text) else None


def _kubernetes_cpu(text: str) -> Optional[float]:
    """``2``, ``0.5`` or ``500m``."""
    return float(text[:-1]) / 1000 if re.fullmatch(r"\d+m", text) else _whole(text)


def _megabytes(unit: str) -> Callable[[str], Optional[float]]:
    """Reads ``4G``, ``4 GB`` or ``4Gi``; a number alone counts in ``unit``."""

    def read(text: str) -> Optional[float]:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGTkmgt]?)(?:i?[Bb]|i)?\s*", text)
        return float(match[1]) * _IN_MEGABYTES[match[2].upper() or unit] if match else None

    return read


def _minutes_of_seconds(text: str) -> Optional[float]:
    seconds = _whole(text)
    return None if seconds is None else seconds / 60


_IN_MEGABYTES = {"B": 1 / 1024**2, "K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}
_Row = tuple[str, Callable[[str], Optional[float]], Callable[[int], Union[int, str]]]
_CORES: _Row = ("cores", _whole, int)
_KUBERNETES_CPU: _Row = ("cores", _kubernetes_cpu, str)
_KUBERNETES_MEMORY: _Row = ("memory_mb", _megabytes("B"), lambda mb: f"{mb}Mi")
_CONDOR_MEMORY: _Row = ("memory_mb", _megabytes("M"), int)
_SECONDS: _Row = ("walltime_minutes", _minutes_of_seconds, lambda minutes: minutes * 60)
_CLOCK: _Row = ("walltime_minutes", lambda text: slurm_minutes(text), clock)

#: Parameters of job environments that say how much a job may use: which cap, how to read it, how to write the cap.
_PARAMETERS: dict[str, _Row] = {
    # Local
    "local_slots": _CORES,
    # HTCondor, and the same through Pulsar
    "request_cpus": _CORES,
    "request_memory": _CONDOR_MEMORY,
    "allowed_execute_duration": _SECONDS,
    "allowed_job_duration": _SECONDS,
    "submit_request_cpus": _CORES,
    "submit_request_memory": _CONDOR_MEMORY,
    "submit_allowed_execute_duration": _SECONDS,
    "submit_allowed_job_duration": _SECONDS,
    # Kubernetes
    "requests_cpu": _KUBERNETES_CPU,
    "limits_cpu": _KUBERNETES_CPU,
    "requests_memory": _KUBERNETES_MEMORY,
    "limits_memory": _KUBERNETES_MEMORY,
    # Slurm on the command line
    "job_ncpus": _CORES,
    "job_time": _CLOCK,
}

# Options in one line, as Slurm reads them

#: Parameters that hold such a line: DRMAA and Slurm, and the same through Pulsar.
_SPECIFICATIONS = frozenset(
    {"native_specification", "nativeSpecification", "submit_native_specification", "submit_nativeSpecification"}
)
_VALUE = r"""(?P<value>"[^"]*"|'[^']*'|[^\s"']+)"""
_UNLIMITED = frozenset({"0", "unlimited", "infinite"})


def _option(long: str, short: str = "") -> "re.Pattern[str]":
    forms = rf"--{long}(?:=|\s+)" + (rf"|-{short}\s*" if short else "")
    return re.compile(rf"(?P<option>(?<!\S)(?:{forms})){_VALUE}")


_TASKS = _option("ntasks", "n")
_CPUS = _option("cpus-per-task", "c")
_MEMORY = _option("mem")
_MEMORY_PER_CPU = _option("mem-per-cpu")
_TIME = _option("time", "t")


def _capped_specification(line: str, caps: Caps) -> str:
    if caps.cores is not None:
        line = _lowered(line, _CPUS, _whole, caps.cores, str)
        per_task = ceil(_asked(line, _CPUS, _whole) or 1)
        line = _lowered(line, _TASKS, _whole, max(1, caps.cores // per_task), str)
    if caps.memory_mb is not None:
        cores = ceil(_asked(line, _CPUS, _whole) or 1) * ceil(_asked(line, _TASKS, _whole) or 1)
        line = _lowered(line, _MEMORY, _slurm_memory, caps.memory_mb, str)
        line = _lowered(line, _MEMORY_PER_CPU, _slurm_memory, max(1, caps.memory_mb // cores), str)
    if caps.walltime_minutes is not None:
        line = _lowered(line, _TIME, slurm_minutes, caps.walltime_minutes, clock)
    return line


def _asked(line: str, option: "re.Pattern[str]", read: Callable[[str], Optional[float]]) -> Optional[float]:
    """What the line asks for: as for the scheduler, the last of several counts."""
    values = [read(match["value"].strip("\"'")) for match in option.finditer(line)]
    return values[-1] if values else None


def _lowered(
    line: str,
    option: "re.Pattern[str]",
    read: Callable[[str], Optional[float]],
    limit: int,
    write: Callable[[int], str],
) -> str:
    def replaced(match: "re.Match[str]") -> str:
        asked = read(match["value"].strip("\"'"))
        return match[0] if asked is None or asked <= limit else match["option"] + write(limit)

    return option.sub(replaced, line)


def _slurm_memory(text: str) -> Optional[float]:
    """For Slurm, no memory is all memory of the node."""
    return float("inf") if text == "0" else _megabytes("M")(text)


def slurm_minutes(text: str) -> Optional[float]:
    """Minutes in ``90``, ``90:00``, ``1:30:00``, ``1-12``, ``1-12:30`` or ``1-12:30:00``; infinite for no limit."""
    if text.lower() in _UNLIMITED:
        return float("inf")
    match = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", text)
    if not match:
        return None
    days, first, second, third = (None if group is None else int(group) for group in match.groups())
    if days is not None:
        return days * _MINUTES_OF_A_DAY + (first or 0) * 60 + (second or 0) + (third or 0) / 60
    if third is not None:
        return (first or 0) * 60 + (second or 0) + third / 60
    return (first or 0) + (second or 0) / 60


def _number_of(values: Mapping[str, Any], names: tuple[str, ...], unit: int) -> Optional[int]:
    for name in names:
        number = _whole(str(values.get(name, "")))
        if number:
            return max(1, round(number * unit))
    return None


def _first(one: Optional[int], other: Optional[int]) -> Optional[int]:
    return other if one is None else one


def _smaller(one: Optional[int], other: Optional[int]) -> Optional[int]:
    present = [number for number in (one, other) if number is not None]
    return min(present) if present else None
