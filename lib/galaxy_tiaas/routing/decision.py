"""Where a job goes, and why.

:func:`decide` is a function of who, what and when, and of what the admin has set; its answer carries its reason. It
knows nothing of Galaxy: the adapter in :mod:`galaxy_tiaas.rules` gathers what it needs and turns the answer into a
Galaxy job destination.
"""

from collections.abc import (
    Container,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    field,
)
from datetime import datetime
from fnmatch import fnmatchcase
from string import Formatter
from typing import (
    Optional,
    Union,
)

#: Tools that Galaxy runs for itself or that bring data in. They need no training resources and often
#: cannot run on a cluster. Galaxy gives all its internal tools ids of the form ``__NAME__``.
UPLOAD_TOOLS = frozenset({"upload1"})

#: Kinds of tools: Galaxy's own, those with a web page of their own (they need Docker), those that need a GPU.
INTERNAL, INTERACTIVE, GPU = "internal", "interactive", "gpu"
_WORDS = {INTERACTIVE: "is an interactive tool", GPU: "needs a GPU"}
LOCAL = "local"

#: Where the rule notes the training of a job: in the parameters of its destination, which Galaxy keeps with the job.
TRAINING_PARAMETER = "tiaas_training"

ParamValue = Union[bool, int, float, str]


def is_internal_tool(tool_id: Optional[str]) -> bool:
    """Whether Galaxy runs this tool for itself: uploads, data fetch, metadata, history import and the like."""
    if not tool_id:
        return False
    return tool_id in UPLOAD_TOOLS or (tool_id.startswith("__") and tool_id.endswith("__"))


@dataclass(frozen=True)
class JobFacts:
    """What a job is, as far as it matters where it goes."""

    tool_id: Optional[str]
    tool_version: Optional[str] = None
    kinds: frozenset[str] = frozenset()
    anonymous: bool = False

    @property
    def is_internal(self) -> bool:
        return INTERNAL in self.kinds or is_internal_tool(self.tool_id)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The tool's id; of a Tool Shed id also the one without version and the short name."""
        if not self.tool_id:
            return ()
        parts = self.tool_id.split("/")
        if len(parts) != 6 or parts[1] != "repos":
            return (self.tool_id,)
        return (self.tool_id, "/".join(parts[:-1]), parts[-2])


@dataclass(frozen=True)
class Membership:
    """An approved training that the user is a member of, running or not.

    Its window, widened and closed by an early end as :class:`galaxy_tiaas.core.times.Window` says, is
    ``[opens, closes)``; ``starts`` is the start of its first day. All are naive UTC. ``destination`` is the one chosen
    for this training at approval, if any. ``tagged``: the job's history carries the identifier as a tag.
    """

    identifier: str
    role: str
    opens: datetime
    closes: datetime
    starts: datetime
    destination: Optional[str] = None
    tagged: bool = False

    def is_running(self, now: datetime) -> bool:
        return self.opens <= now < self.closes


@dataclass(frozen=True)
class Settings:
    """What is set on a copy of the job environment for a job of a training.

    ``params`` may hold placeholders (:data:`PLACEHOLDERS`) until :meth:`filled_in`.
    """

    params: Mapping[str, ParamValue] = field(default_factory=dict)

    def over(self, others: "Settings") -> "Settings":
        """These, and the others for what is not set here."""
        return Settings({**others.params, **self.params})

    def filled_in(self, identifier: str, role: str) -> "Settings":
        return Settings(
            {
                name: value.format(identifier=identifier, role=role) if isinstance(value, str) else value
                for name, value in self.params.items()
            }
        )


PLACEHOLDERS = ("identifier", "role")


def check_placeholders(value: ParamValue) -> None:
    """:raises ValueError: if a parameter's value has braces around anything but a placeholder, or an unclosed brace."""
    if not isinstance(value, str):
        return
    for _, name, form, conversion in Formatter().parse(value):
        if name is not None and (form or conversion or name not in PLACEHOLDERS):
            raise ValueError(f"'{{{name}}}' is not one of {', '.join(f'{{{known}}}' for known in PLACEHOLDERS)}")


@dataclass(frozen=True)
class ToolList:
    """Tools that do not go where the other jobs of a training go.

    ``destination``: where they go in general, else the default; ``training``: where they go for members of a running
    training, else the same.
    """

    name: str
    kinds: frozenset[str] = frozenset()
    tools: tuple[str, ...] = ()
    destination: Optional[str] = None
    training: Optional[str] = None

    def contains(self, facts: JobFacts) -> bool:
        return bool(self.kinds & facts.kinds) or any(
            fnmatchcase(name, pattern) for pattern in self.tools for name in facts.tool_names
        )


@dataclass(frozen=True)
class Override:
    """What is different for trainings whose identifier matches ``pattern``."""

    pattern: str
    destination: Optional[str] = None
    settings: Settings = Settings()


@dataclass(frozen=True)
class RoutingRules:
    """What the settings say beyond three names of environments; ``destinations`` by name."""

    destinations: Mapping[str, Settings] = field(default_factory=dict)
    overrides: Sequence[Override] = ()
    tool_lists: Sequence[ToolList] = ()

    def list_of(self, facts: JobFacts) -> Optional[ToolList]:
        return next((tools for tools in self.tool_lists if tools.contains(facts)), None)

    def override_for(self, identifier: str) -> Override:
        found = (override for override in self.overrides if fnmatchcase(identifier, override.pattern))
        return next(found, Override("*"))


@dataclass(frozen=True)
class Policy:
    """What the admin has set.

    ``known`` are the names of the job environments that may be used, of which ``last_resorts`` are the ones to take
    when there is no better one.
    """

    default: str
    training: str
    local: str
    known: Container[str]
    last_resorts: Sequence[str] = ()
    rules: RoutingRules = field(default_factory=RoutingRules)

    def destination_of(self, identifier: str, chosen: Optional[str]) -> str:
        """Where ordinary jobs of a training go: as chosen at approval, else as overridden, else as usual."""
        return chosen or self.rules.override_for(identifier).destination or self.training

    def settings_for(self, identifier: str, role: str, destination: str) -> Settings:
        """What is set on this destination for jobs of this training, filled in."""
        rules = self.rules
        settings = rules.override_for(identifier).settings.over(rules.destinations.get(destination, Settings()))
        return settings.filled_in(identifier, role)


@dataclass(frozen=True)
class Decision:
    """``destination`` for a job, a ``reason`` in words, and the training it counts for, if any.

    ``missing`` is the environment that should have been used and does not exist.
    """

    destination: str
    reason: str
    training: Optional[str] = None
    settings: Settings = field(default_factory=Settings)
    missing: Optional[str] = None


def depends_on_user(facts: JobFacts, policy: Policy) -> bool:
    """Whether :func:`decide` looks at memberships; where it does not, nobody need ask for them."""
    if facts.is_internal or facts.anonymous:
        return False
    tools = policy.rules.list_of(facts)
    return bool(tools.training) if tools else not _kind_that_stays(facts)


def decide(facts: JobFacts, memberships: Sequence[Membership], policy: Policy, now: datetime) -> Decision:
    """Where a job goes.

    Of several running trainings, those count whose identifier the job's history carries as a tag, if there are any,
    and of these the one that started last.
    """
    if facts.is_internal:
        return _existing(policy, [policy.local], f"{facts.tool_id} is one of Galaxy's internal tools")
    tools = policy.rules.list_of(facts)
    usual = (tools and tools.destination) or policy.default
    about_tool = _about_tool(facts, tools)
    if facts.anonymous:
        return _existing(policy, [usual], _and("the user is not logged in", about_tool))
    if not depends_on_user(facts, policy):
        return _existing(policy, [usual], about_tool)
    running = [membership for membership in memberships if membership.is_running(now)]
    if not running:
        return _existing(policy, [usual], _and("the user is in no training that is running now", about_tool))
    training = max(running, key=lambda membership: (membership.tagged, membership.starts, membership.identifier))
    reason = f"the user is a member of training '{training.identifier}', which is running now"
    if len(running) > 1:
        reason += " and is named by a tag of the history" if training.tagged else " and started last of theirs"
    if tools:
        wanted = [tools.training, usual]
    else:
        wanted = [policy.destination_of(training.identifier, training.destination), policy.training]
    return _existing(policy, wanted, _and(reason, about_tool), training)


def last_resort(policy: Policy) -> str:
    """Where a job goes about which nothing could be found out."""
    return _existing(policy, [policy.default], "").destination


def _kind_that_stays(facts: JobFacts) -> Optional[str]:
    """A destination for trainings need not have Docker or GPUs, so what needs them leaves only if a list says so."""
    return next((words for kind, words in _WORDS.items() if kind in facts.kinds), None)


def _about_tool(facts: JobFacts, tools: Optional[ToolList]) -> str:
    if tools:
        return f"the tool is on the list '{tools.name}'"
    words = _kind_that_stays(facts)
    return f"the tool {words}, which no list names" if words else ""


def _and(*reasons: str) -> str:
    return ", and ".join(reason for reason in reasons if reason)


def _existing(
    policy: Policy, wanted: Sequence[Optional[str]], reason: str, training: Optional[Membership] = None
) -> Decision:
    """The first of the wanted environments that exists, else the default, ``local``, or any."""
    names = [name for name in wanted if name]
    settings = Settings()
    if destination := next((name for name in names if name in policy.known), ""):
        if training:
            settings = policy.settings_for(training.identifier, training.role, destination)
    else:
        resorts = (policy.default, LOCAL, *policy.last_resorts)
        destination = next((name for name in resorts if name in policy.known), LOCAL)
    missing = names[0] if names and names[0] != destination else None
    if missing:
        reason += f"; there is no job environment '{missing}' that could be used"
    return Decision(destination, reason, training.identifier if training else None, settings, missing)
