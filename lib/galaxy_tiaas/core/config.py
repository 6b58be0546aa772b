"""Every setting: described, checked, and written into the sample file from here."""

import os
import textwrap
from collections.abc import Iterator
from functools import (
    cached_property,
    lru_cache,
)
from pathlib import Path
from typing import (
    Any,
    Literal,
    Optional,
)
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
    ValidationError,
)

from ..routing.decision import (
    check_placeholders,
    Override,
    ParamValue,
    RoutingRules,
    Settings,
    ToolList,
)
from ..trainings.identifiers import LONGEST_IDENTIFIER
from .times import is_time_zone

#: The key in ``galaxy.yml`` that names the file with the settings.
CONFIG_FILE_KEY = "tiaas_config_file"

#: Settings whose values appear in no message.
_SECRETS = frozenset({"feed_token"})
#: The key ``<<`` of YAML, which brings in what stands elsewhere; several may stand beside each other.
_MERGE = "tag:yaml.org,2002:merge"

_IN_TPV = "was removed; set {} of the destination in TPV, as in config/tpv.yml"
#: Settings that are gone, and placeholders in their values: what to use instead.
REMOVED = {
    "max_cores": _IN_TPV.format("max_cores"),
    "max_memory_gb": _IN_TPV.format("max_mem"),
    "max_walltime_hours": _IN_TPV.format("walltime in context and params"),
    "spill_over": _IN_TPV.format("resubmit"),
    "{cores}": _IN_TPV.format("params with {cores}"),
    "{memory_mb}": _IN_TPV.format("params with {mem}"),
    "{walltime}": _IN_TPV.format("walltime in context and params"),
}

_SAMPLE_HEAD = """\
# Settings of galaxy-tiaas. Every setting has a default; a file with nothing but comments is fine.
# Name this file in galaxy.yml:
#
#   galaxy:
#     tiaas_config_file: tiaas_conf.yml
#
# A relative path is looked up in Galaxy's configuration directory. A wrong value, an unknown key or
# one that is there twice keeps the extension switched off, with one line in Galaxy's log; Galaxy
# itself starts. Check with
#
#   galaxy-tiaas config check
#
# This file is written by `galaxy-tiaas config sample`.
"""


class ConfigurationProblem(Exception):
    """A setting is wrong. The message names the file, the key and what is allowed."""


class SettingsOfJobs(BaseModel):
    """What is set on a job environment for jobs of trainings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    params: dict[str, Any] = Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _plain_values(cls, params: dict[str, Any]) -> dict[str, ParamValue]:
        for name, value in params.items():
            if not isinstance(value, (bool, int, float, str)):
                raise ValueError(f"{name}: must be text, a number, true or false")
            try:
                check_placeholders(value)
            except ValueError as problem:
                if gone := next((key for key in REMOVED if key[0] == "{" and key in str(value)), None):
                    raise ValueError(f"{name}: {gone} {REMOVED[gone]}") from None
                raise ValueError(f"{name}: {problem}; write {{{{ and }}}} for braces that shall stay") from None
        return params


class DestinationChoice(SettingsOfJobs):
    """A job environment that an admin may choose at approval, and what is set on it."""

    id: str = Field(min_length=1)
    title: str = ""


class TrainingOverride(SettingsOfJobs):
    """What is different for some trainings."""

    destination: Optional[str] = Field(None, min_length=1)


class ToolListSetting(BaseModel):
    """Tools that do not go where the other jobs of a training go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    kinds: list[Literal["interactive", "gpu"]] = Field(default_factory=list)
    tools: list[str] = Field(default_factory=list)
    destination: Optional[str] = Field(None, min_length=1)
    training: Optional[str] = Field(None, min_length=1)

    @model_validator(mode="after")
    def _not_empty(self) -> "ToolListSetting":
        if not self.kinds and not self.tools:
            raise ValueError("names no tools; give it 'kinds' or 'tools'")
        return self


class TiaasConfig(BaseModel):
    """The settings of one server. The order of the fields is their order in the sample."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: str = Field("this Galaxy server", description="Who offers the service, as readers of its pages know it.")
    owner_site: str = Field("", description="Address of the owner's web site, linked from the pages. Empty: no link.")
    contact_email: str = Field(
        "", description="Where instructors and trainees may ask for help. Empty: Galaxy's own error_email_to, if set."
    )
    timezone: str = Field(
        "UTC", description="Time zone of trainings that name none: a name from the IANA database such as Europe/Berlin."
    )
    late_request_prevention_days: int = Field(
        10,
        ge=0,
        le=365,
        description="How many days before its start a training must be requested. Admins may request later.",
    )
    identifier_max_length: int = Field(
        20, ge=3, le=LONGEST_IDENTIFIER, description="Longest identifier that may be requested, in characters."
    )
    join_flex_hours: float = Field(
        12,
        ge=0,
        le=168,
        description="Hours by which a training's window is widened at both ends, so that neither another time zone"
        " nor a long evening locks anybody out.",
    )
    join_before_start: bool = Field(
        True,
        description="Whether trainees may join an approved training before it starts. In either case they get its"
        " resources from the start.",
    )
    expose_username: bool = Field(
        False,
        description="Show Galaxy user names beside the pseudonyms on a training's dashboard and to its instructors.",
    )
    instructors_see_usernames: bool = Field(
        False,
        description="Show Galaxy user names beside the pseudonyms to a training's instructors only. Admins always see"
        " them in the list of members.",
    )
    status_visibility: Literal["public", "members", "instructors"] = Field(
        "members",
        description="Who may see a training's dashboard: everybody who knows its address, those who joined, or those"
        " who teach it. Instructors and admins always may, and only they see single jobs and seconds.",
    )
    status_refresh_seconds: int = Field(
        5,
        ge=0,
        le=300,
        description="Seconds between two updates of a training's dashboard. Within this time all its viewers share"
        " what was counted once. 0: counted anew for every viewer.",
    )
    show_advertising: bool = Field(
        True, description="Ask in the request form whether the training may be listed publicly on this server."
    )
    gdpr_auto_redact: bool = Field(
        True, description="Remove personal data from trainings some time after their end (lifecycle run)."
    )
    gdpr_redact_after_days: int = Field(
        60, ge=0, le=3650, description="Days after the last day of a training until its personal data is removed."
    )
    retain_contact_require_consent: bool = Field(
        True,
        description="Keep the contact of an instructor for gdpr_retain_extra_months only if the instructor agreed to"
        " it. false: keep every contact that long.",
    )
    gdpr_retain_extra_months: int = Field(
        12, ge=0, le=120, description="Months after the last day for which a contact may be kept."
    )
    send_email_to: str = Field(
        "",
        description="Who gets the mails for admins, about new requests for example: addresses separated by commas."
        " Empty: everybody in Galaxy's admin_users. Mails need smtp_server in galaxy.yml.",
    )
    send_email_from: str = Field("", description="Sender of mails. Empty: Galaxy's email_from.")
    send_email_to_requester: bool = Field(
        False, description="Confirm a request by mail to the requester. Decisions and reminders are always sent."
    )
    requests_per_day: int = Field(
        100,
        ge=0,
        le=10_000,
        description="How many trainings one user may request within 24 hours. Admins are not limited. 0: no limit.",
    )
    messages_per_day: int = Field(
        300,
        ge=0,
        le=100_000,
        description="How many changes of which other people are told by mail or notification one user may make within"
        " 24 hours. Withdrawing and ending a training are always possible. Admins are not limited. 0: no limit.",
    )
    invitations_per_hour: int = Field(
        20,
        ge=0,
        le=10_000,
        description="How many people an instructor may invite to teach within an hour. Admins may invite more. 0: no"
        " limit.",
    )
    remind_days_before: int = Field(
        3,
        ge=0,
        le=60,
        description="How many days before its start the instructors of an approved training are reminded of it, and"
        " told who has joined. 0: never.",
    )
    send_thanks: bool = Field(
        True,
        description="Thank the instructors a day after a training, with the number of people who came and what they"
        " used.",
    )
    base_url: str = Field(
        "",
        description="Address at which people reach this Galaxy, for the links in mails and notifications. Empty:"
        " galaxy_infrastructure_url of galaxy.yml; if that is not set either, mails and notifications have no links.",
    )
    lifecycle_interval_seconds: int = Field(
        300,
        ge=0,
        le=86400,
        description="How often, in seconds, one of the web processes does what is due: switch resources on and off,"
        " remind, remove personal data, retry mails. 0: never; then use Celery (celery_conf.imports:"
        " [galaxy_tiaas.tasks]) or `galaxy-tiaas lifecycle run`.",
    )
    allow_untried_galaxy: bool = Field(
        True,
        description="Whether to be mounted into a Galaxy newer than those that this version has been tried with."
        " false: stay switched off there, with one line in Galaxy's log.",
    )
    templates_dir: Optional[str] = Field(
        None,
        description="Directory with this site's own Mako templates; a file there replaces ours of the same name."
        " A relative path is looked up beside this file.",
    )
    feed_token: str = Field(
        "",
        description="A secret that lets schedulers read /api/tiaas/running, and Prometheus /api/tiaas/metrics, without"
        " a Galaxy account. Empty: only admins may read them. Where Galaxy has require_login, calendar programs need it"
        " for /tiaas/calendar.ics, and others for the CSV files.",
    )
    default: Optional[str] = Field(
        None,
        description="Where the rule sorting_hat sends ordinary jobs: an environment of job_conf.yml. A value given"
        " there, beside the rule, takes precedence.",
    )
    training: Optional[str] = Field(
        None, description="Where sorting_hat sends jobs of members of a running training. As above."
    )
    local: Optional[str] = Field(
        None,
        description="Where sorting_hat sends Galaxy's internal tools: uploads, metadata, imports. As above. Without"
        " it, the environment called local if there is one, else default.",
    )
    destinations: list[DestinationChoice] = Field(
        default_factory=list,
        description="The environments an admin may choose for a training at approval, each an id or"
        " {id: …, title: …}. Empty: every environment of job_conf.yml that is not dynamic. An entry may also say what"
        " sorting_hat sets there for jobs of trainings: params, with {identifier} and {role} filled in.",
    )
    training_overrides: dict[str, TrainingOverride] = Field(
        default_factory=dict,
        description="What is different for some trainings: an identifier, in which * stands for anything, and for it"
        " destination, for trainings without one chosen at approval, and params as above. The first that matches"
        " counts.",
    )
    tool_lists: list[ToolListSetting] = Field(
        default_factory=list,
        description="Tools that do not go where the other jobs of a training go. Each list has name; kinds"
        " (interactive, gpu) or tools (ids, in which * stands for anything, or short names of Tool Shed tools);"
        " destination, where they go (else default); training, where they go for members of a running training (else"
        " the same). The first that matches counts. Interactive and GPU tools on no list go to default.",
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_means_default(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {key: value for key, value in values.items() if value is not None or key not in cls.model_fields}

    @field_validator("timezone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        if not is_time_zone(value):
            raise ValueError(f"'{value}' is not a time zone; use a name like Europe/Berlin or UTC")
        return value

    @field_validator("base_url", "owner_site")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// or http://")
        return value

    @field_validator("destinations", mode="before")
    @classmethod
    def _ids_alone(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [{"id": item} if isinstance(item, str) else item for item in value]
        return value

    @field_validator("destinations")
    @classmethod
    def _each_once(cls, choices: list[DestinationChoice]) -> list[DestinationChoice]:
        ids = [choice.id for choice in choices]
        if twice := next((name for name in ids if ids.count(name) > 1), None):
            raise ValueError(f"'{twice}' is there twice")
        return choices

    @cached_property
    def routing(self) -> RoutingRules:
        return RoutingRules(
            destinations={choice.id: Settings(choice.params) for choice in self.destinations},
            overrides=[
                Override(pattern.lower(), override.destination, Settings(override.params))
                for pattern, override in self.training_overrides.items()
            ],
            tool_lists=[
                ToolList(each.name, frozenset(each.kinds), tuple(each.tools), each.destination, each.training)
                for each in self.tool_lists
            ],
        )


def load_config(path: Optional[str], directory: str) -> TiaasConfig:
    """The settings in the file at ``path``, relative to ``directory``; all defaults if ``path`` is empty.

    :raises ConfigurationProblem: if the file cannot be read or says something that is not allowed.
    """
    if not path:
        return TiaasConfig()
    file = Path(directory, path)
    try:
        text = file.read_text(encoding="utf-8")
        repeated = [*_repeated_keys(yaml.compose(text, yaml.SafeLoader), (), set())]
        content = None if repeated else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationProblem(f"{file}: cannot be read: {problem}") from None
    except yaml.YAMLError as problem:
        raise ConfigurationProblem(f"{file}: is not YAML: {_without_snippet(problem)}") from None
    if repeated:
        raise ConfigurationProblem(f"{file}: {'; '.join(repeated)}")
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ConfigurationProblem(f"{file}: must hold settings as 'key: value', not a {type(content).__name__}")
    try:
        config = TiaasConfig.model_validate(content)
    except ValidationError as problem:
        raise ConfigurationProblem(f"{file}: {_in_words(problem)}") from None
    if config.templates_dir:
        templates = file.parent / config.templates_dir
        if not templates.is_dir():
            raise ConfigurationProblem(f"{file}: templates_dir: {templates} is not a directory")
        config = config.model_copy(update={"templates_dir": str(templates)})
    return config


def config_of(galaxy_config: Any) -> TiaasConfig:
    """The settings that belong to a ``GalaxyAppConfiguration``, read once for each file.

    :raises ConfigurationProblem: as :func:`load_config`.
    """
    return _cached(galaxy_config.get(CONFIG_FILE_KEY) or "", os.fspath(galaxy_config.config_dir or ""))


_cached = lru_cache(maxsize=8)(load_config)


def contact_of(config: TiaasConfig, galaxy_config: Any) -> str:
    """Where people may ask for help: ``contact_email``, else Galaxy's ``error_email_to``; empty if there is neither."""
    return config.contact_email or galaxy_config.error_email_to or ""


def site_address(config: TiaasConfig, galaxy_config: Any) -> str:
    """Where people reach this Galaxy: ``base_url``, else ``galaxy_infrastructure_url`` with its prefix.

    Without a slash at its end; empty if neither is set. What a request says of it is not asked: whoever sends one may
    claim anything, and others follow the links.
    """
    if config.base_url:
        return config.base_url.rstrip("/")
    if not galaxy_config.galaxy_infrastructure_url_set:
        return ""
    configured = (galaxy_config.galaxy_infrastructure_url or "").rstrip("/")
    prefix = (galaxy_config.galaxy_url_prefix or "").rstrip("/")
    return configured if urlsplit(configured).path else f"{configured}{prefix}"


def sample() -> str:
    blocks = [_SAMPLE_HEAD]
    for name, field in TiaasConfig.model_fields.items():
        default = field.get_default(call_default_factory=True)
        value = yaml.safe_dump({name: default}, default_flow_style=False, allow_unicode=True).strip()
        text = f"{field.description}{_bounds(name)}"
        lines = [f"# {line}" for line in textwrap.wrap(text, 98, break_long_words=False, break_on_hyphens=False)]
        lines += [f"#{line}" for line in value.splitlines()]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _bounds(name: str) -> str:
    schema = TiaasConfig.model_json_schema()["properties"][name]
    if "enum" in schema:
        return " One of: " + ", ".join(schema["enum"]) + "."
    if "minimum" in schema:
        return f" From {schema['minimum']:g} to {schema['maximum']:g}."
    return ""


def _repeated_keys(node: Optional[yaml.Node], path: tuple[str, ...], seen: set[int]) -> Iterator[str]:
    """Keys that are there more than once, each with its lines: PyYAML takes the last one and says nothing."""
    if id(node) in seen:
        # An alias; what it stands for is looked at once.
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _repeated_keys(item, (*path, str(number)), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, list[str]] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                lines.setdefault(key.value, []).append(str(key.start_mark.line + 1))
        for name, found in lines.items():
            if len(found) > 1:
                yield f"{'.'.join((*path, name))}: is there more than once, in lines {' and '.join(found)}"
        for key, value in node.value:
            yield from _repeated_keys(value, (*path, str(key.value)), seen)


def _without_snippet(problem: yaml.YAMLError) -> str:
    """What is wrong and where, without the lines around it, which may hold a secret."""
    mark = getattr(problem, "problem_mark", None)
    return f"line {mark.line + 1}: {getattr(problem, 'problem', None) or 'error'}" if mark else type(problem).__name__


#: What an entry of a setting consists of.
_ENTRIES: dict[str, type[BaseModel]] = {
    "destinations": DestinationChoice,
    "training_overrides": TrainingOverride,
    "tool_lists": ToolListSetting,
}


def _in_words(problem: ValidationError) -> str:
    words = []
    for error in problem.errors():
        key = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden" and error["loc"][-1] in REMOVED:
            words.append(f"{key}: {REMOVED[str(error['loc'][-1])]}")
        elif error["type"] == "extra_forbidden":
            known = _ENTRIES.get(str(error["loc"][0]), TiaasConfig)
            words.append(f"{key}: is not a setting; known are {', '.join(sorted(known.model_fields))}")
        else:
            allowed = _allowed(key) or error["msg"].removeprefix("Value error, ")
            found = "" if key in _SECRETS else f" (found: {error['input']!r})"
            words.append(f"{key}: {allowed}{found}")
    return "; ".join(words)


def _allowed(key: str) -> str:
    """What a number or a switch may be, of which pydantic would tell only what is wrong with this one."""
    schema = TiaasConfig.model_json_schema()["properties"].get(key, {})
    if schema.get("type") == "boolean":
        return "must be true or false"
    if "minimum" in schema:
        kind = "whole number" if schema["type"] == "integer" else "number"
        return f"must be a {kind} from {schema['minimum']:g} to {schema['maximum']:g}"
    return ""
