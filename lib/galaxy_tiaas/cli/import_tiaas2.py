"""``galaxy-tiaas import-tiaas2``"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .decorators import pass_application

if TYPE_CHECKING:
    from ..tiaas2.service import (
        ImportReport,
        Remark,
    )
    from .application import CliApplication


@click.command("import-tiaas2")
@click.argument("source")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--repair", is_flag=True, help="Repair broken cohorts.")
@pass_application
def import_tiaas2(app: "CliApplication", source: str, dry_run: bool, repair: bool) -> None:
    """Take trainings, groups and roles over from a tiaas2.

    SOURCE is an SQLAlchemy URL, as in postgresql://tiaas@db.example.org/tiaas, or the path of an SQLite file. Only the
    table training_training is read; nothing is written there. What was imported before is left alone, so you can run
    the command again.

    Exit code 1 if nothing could be read or done; 0 otherwise, with a line for each row that was not taken.
    """
    from ..tiaas2.service import ImportService

    report = app[ImportService].import_tiaas2(app.actor, source, app.now(), dry_run=dry_run, repair=repair)
    for line in _lines(report, repair=repair):
        click.echo(line)
    if dry_run:
        click.echo("\nThis was a dry run: nothing was changed.")


def _lines(report: "ImportReport", *, repair: bool) -> Iterator[str]:
    states = ", ".join(f"{count} {state.value}" for state, count in sorted(report.taken.items()))
    numbers: tuple[tuple[str, object, str], ...] = (
        ("rows in the source", report.rows, ""),
        ("taken", sum(report.taken.values()), states),
        ("of these redacted", report.redacted, ""),
        ("already here", report.already_here, ""),
        ("not taken", len(report.refused), ""),
        ("cohorts adopted", report.adopted, f"with {report.members} people"),
        ("cohorts made", report.made, ""),
        ("cohorts broken", len(report.broken), ""),
    )
    for name, number, detail in numbers:
        yield f"{name:<18} {number:>7}" + (f"  ({detail})" if detail and number else "")
    if report.absent_columns:
        yield f"\nThis tiaas2 has no columns {', '.join(report.absent_columns)}: left empty."
    if report.refused:
        yield "\nNot taken:"
        yield from map(_remark, report.refused)
    if report.remarks:
        yield "\nTo know:"
        yield from map(_remark, report.remarks)
    if report.broken:
        yield "\nBroken cohorts" + (":" if repair else ", which --repair would repair:")
        for identifier, trouble, outcome in report.broken:
            yield f"  {identifier}: {trouble}" + (f": {outcome}" if outcome else "")


def _remark(remark: "Remark") -> str:
    from ..tiaas2.reader import printable

    return f"  row {remark.row_id} {printable(remark.identifier)}: {remark.text}"
