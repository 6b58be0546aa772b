"""How a command gets its Galaxy, and what can go wrong, in one sentence."""

from collections.abc import Callable
from functools import wraps
from typing import (
    Any,
    Optional,
    TypeVar,
)

import click

F = TypeVar("F", bound=Callable[..., Any])


def handle_errors(command: F) -> F:
    """Turn expected trouble into one sentence and exit code 1; a mistake of ours keeps its traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except Exception as problem:
            sentence = _sentence(problem)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from None

    return wrapped  # type: ignore[return-value]


def pass_application(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command Galaxy's parts, once settings and tables are right, and handle its errors."""

    @click.pass_obj
    @handle_errors
    @wraps(command)
    def wrapped(config_file: Optional[str], *args: Any, **kwargs: Any) -> Any:
        from .application import ready_application

        return command(ready_application(config_file), *args, **kwargs)

    return wrapped


def _sentence(problem: Exception) -> Optional[str]:
    import yaml
    from galaxy.exceptions import MessageException
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from ..compat.job_files import JobConfigurationUnreadable
    from ..compat.release import UnsupportedGalaxy
    from ..core.config import ConfigurationProblem
    from ..core.exceptions import describe
    from ..core.model.migrate import DatabaseProblem

    ours = (ConfigurationProblem, DatabaseProblem, JobConfigurationUnreadable, UnsupportedGalaxy)
    if isinstance(problem, (*ours, MessageException)):
        return str(problem)
    if isinstance(problem, SQLAlchemyError):
        return f"Galaxy's database: {describe(problem).partition(': ')[2]}"
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        mark = problem.problem_mark
        return f"{mark.name}: is not YAML: line {mark.line + 1}: {problem.problem or problem.context}"
    if isinstance(problem, OSError) and problem.filename:
        return f"{problem.filename}: {problem.strerror}"
    if isinstance(problem, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors())
    return None
