"""The job environments of this server, as far as a training can be sent to one."""

from collections.abc import Iterator
from typing import Optional

from ..compat.jobs import (
    environments,
    is_dynamic,
    JobConfiguration,
    JobDestination,
    runners,
)
from ..core.config import (
    DestinationChoice,
    REMOVED,
    TiaasConfig,
)

RULES_MODULE = "galaxy_tiaas.rules"


class DestinationCatalogue:
    """What an admin may choose from, checked against Galaxy's job configuration."""

    def __init__(self, job_config: JobConfiguration, config: TiaasConfig):
        self.job_config = job_config
        self.config = config

    def exists(self, destination: Optional[str]) -> bool:
        """Whether Galaxy's job configuration has an environment with this id or tag."""
        return bool(destination) and destination in self.job_config.destinations

    def choices(self) -> list[DestinationChoice]:
        """What an admin may choose at approval: the setting ``destinations``, or all static environments."""
        if self.config.destinations:
            return list(self.config.destinations)
        return [DestinationChoice(id=name) for name in self._static_environments()]

    def title_of(self, destination: Optional[str]) -> Optional[str]:
        titles = (choice.title for choice in self.config.destinations if choice.id == destination)
        return next(titles, None) or None

    def may_be_chosen(self, destination: str) -> bool:
        return self.exists(destination) and any(choice.id == destination for choice in self.choices())

    def problems(self) -> list[str]:
        """What is wrong with the destinations in our settings and beside our rule, one sentence each."""
        known = ", ".join(sorted(self.job_config.destinations))
        rules = {rule.id for rule in self.rules()}
        found = []
        for key, name in self._named_in_settings():
            if not self.exists(name):
                found.append(f"{key}: '{name}' is not an environment of the job configuration; known are {known}")
            elif name in rules:
                found.append(f"{key}: '{name}' is the rule itself; name an environment in which jobs run")
            else:
                found += self._runner_problems(key, name)
        for rule in self.rules():
            for parameter in ("default", "training", "local"):
                found += self._parameter_problems(rule.id, parameter, rule.params.get(parameter), known)
            removed = sorted(REMOVED.keys() & rule.params.keys())
            found += [f"environment {rule.id}: {parameter}: {REMOVED[parameter]}" for parameter in removed]
        return found

    def _named_in_settings(self) -> Iterator[tuple[str, str]]:
        """Every environment that the settings name beyond the rule's parameters, with the key where it stands."""
        for choice in self.config.destinations:
            yield "destinations", choice.id
        for pattern, override in self.config.training_overrides.items():
            if override.destination:
                yield f"training_overrides: {pattern}: destination", override.destination
        for tools in self.config.tool_lists:
            if tools.destination:
                yield f"tool_lists: {tools.name}: destination", tools.destination
            if tools.training:
                yield f"tool_lists: {tools.name}: training", tools.training

    def _parameter_problems(
        self, rule_id: Optional[str], parameter: str, beside_rule: Optional[str], known: str
    ) -> list[str]:
        value = beside_rule or getattr(self.config, parameter)
        if not value:
            if parameter == "local":
                return []
            return [
                f"environment {rule_id}: the parameter '{parameter}' is missing; name an environment in the job"
                f" configuration beside the rule or as '{parameter}' in tiaas_conf.yml; known are {known}"
            ]
        if not self.exists(value):
            return [
                f"environment {rule_id}: {parameter}: '{value}' is not an environment of the job configuration;"
                f" known are {known}"
            ]
        if value == rule_id:
            return [f"environment {rule_id}: {parameter}: must not be the rule itself"]
        return self._runner_problems(f"environment {rule_id}: {parameter}", value)

    def _runner_problems(self, key: str, name: str) -> list[str]:
        """Jobs fail in an environment that has no runner, or one that the job configuration does not have."""
        known = runners(self.job_config)
        return [
            f"{key}: the environment '{each.id}' has "
            + (f"a runner that there is not: '{each.runner}'" if each.runner else "no 'runner'")
            + f"; runners of the job configuration are {', '.join(sorted(known))}"
            for each in self.job_config.destinations[name]
            if not is_dynamic(each) and each.runner not in known
        ]

    def rules(self) -> list[JobDestination]:
        used = environments(self.job_config)
        return [environment for environment in used if environment.params.get("rules_module") == RULES_MODULE]

    def _static_environments(self) -> list[str]:
        return [each.id for each in environments(self.job_config) if each.id and not is_dynamic(each)]
