"""Writes what a release leaves in Galaxy's database, and what it answers: what the upgrade test starts from.

Run it with the code of that release and the libraries that its tests need:

    git worktree add /tmp/release 512d9c0
    PYTHONPATH=/tmp/release/lib:/tmp/release/test:/tmp/release python scripts/dump_release.py test/upgrade

`test/upgrade/site` is what an admin wrote: `tiaas_conf.yml`, and templates, which are made here from those of the
release. `database.json` has the rows of our tables and of those of Galaxy that they refer to, `answers.json` what
the JSON API and the job rule answered. Everything is made through the release's own pages, API and commands, with a
clock that this script sets; plain SQL only writes what a killed process leaves.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from datetime import (
    datetime,
    timedelta,
)
from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)

import galaxy.util


class _Clock:
    now = datetime(2026, 6, 1, 12)

    def __call__(self) -> datetime:
        return self.now

    def set(self, *moment: int) -> None:
        self.now = datetime(2026, *moment)


clock = _Clock()
# Galaxy and the release get their time from here, and import it by name.
galaxy.util.now = clock

import galaxy_tiaas  # noqa: E402
import sqlalchemy  # noqa: E402
import yaml  # noqa: E402
from click.testing import CliRunner  # noqa: E402
from galaxy_tiaas.cli import main  # noqa: E402
from galaxy_tiaas.rules.gateway import sorting_hat  # noqa: E402
from in_process import (  # noqa: E402
    create_galaxy_tables,
    create_our_tables,
    InProcess,
)
from in_process_pages import Pages  # noqa: E402
from mail_server import MailServer  # noqa: E402
from old_service import OldService  # noqa: E402

GALAXY_CONF = {
    "admin_users": "admin@example.org",
    "email_from": "galaxy@example.org",
    "enable_notification_system": True,
}
#: A template of the release that a site has copied and changed: after which text, and its mark.
MARKS = {
    "about.mako": '<div class="tiaas-about">',
    "base.mako": '<body class="tiaas">',
    "new_introduction.mako": "",
    "joined_note.mako": "",
    "mail/approved_instructor.mako": '<%def name="subject()">Approved: ${training.title}</%def>',
    "mail/thanks_instructor.mako": '<%def name="subject()">Thank you: ${training.title}</%def>',
    "mail/layout.mako": "<header><p>Hello,</p></header>",
}
ACTIONS = {
    *("requested", "imported", "changed", "invitation accepted", "change requested", "change withdrawn"),
    *("change accepted", "change declined", "approved", "rejected", "cancelled", "dashboard set up", "reminded"),
    *("resources on", "resources off", "ended early", "resumed", "thanked", "person forgotten", "redacted"),
}
PEOPLE = (
    *("admin", "minerva", "filius", "severus", "pomona", "rubeus", "gilderoy", "charlie"),
    *("harry", "ron", "hermione", "luna", "neville", "draco", "cho", "pansy"),
)
TOOLS = ("upload1", "cat1", "sort1", "toolshed.example.org/repos/dobby/alphafold/alphafold/2.0")
#: Nothing of ours refers to these.
NOT_NEEDED = {"history_audit", "notification", "user_notification_association"}


def mark(template: str) -> str:
    return f"Hogwarts' own {template}"


class Site:
    """One server with the release, and the people who use it."""

    def __init__(self, directory: Path, site: Path, smtp_server: str) -> None:
        self.directory = directory
        url = f"sqlite:///{directory / 'galaxy.sqlite'}?isolation_level=IMMEDIATE"
        create_galaxy_tables(url)
        self.tables_of_galaxy = self._counts(url)
        create_our_tables(url)
        settings = yaml.safe_load((site / "tiaas_conf.yml").read_text())
        settings["templates_dir"] = str(site / "templates")
        self.galaxy = InProcess(directory, url, settings, galaxy_conf={**GALAXY_CONF, "smtp_server": smtp_server})
        self.pages = Pages(self.galaxy)

    def _login(self, who: str) -> None:
        clock.now += timedelta(minutes=1)
        self.pages.login(self.galaxy.admin() if who == "admin" else self.galaxy.user(who))

    def api(self, who: str, method: str, path: str, **payload: Any) -> Any:
        self._login(who)
        body = {"json": payload} if method != "GET" else {}
        response = self.pages.client.request(method, f"/api/tiaas/{path}", **body)
        assert response.status_code == 200, (path, response.text)
        return response.json()

    def form(self, who: str, path: str, **fields: Any) -> None:
        self._login(who)
        response = self.pages.submit(path, **fields)
        assert response.status_code in (200, 302, 303), (path, response.text)

    def command(self, *words: str) -> None:
        self.galaxy.session.remove()
        result = CliRunner().invoke(main, ["-c", str(self.galaxy.galaxy_yml), *words])
        assert result.exit_code == 0, (words, result.output, result.exception)
        print(clock.now, *words, ":", " / ".join(result.output.splitlines()))

    def sql(self, statement: str, **values: Any) -> None:
        self.galaxy.session.remove()
        with self.galaxy.host.model.engine.begin() as connection:
            connection.execute(sqlalchemy.text(statement), values)

    # Shorthand

    def request(self, who: str, identifier: str, start: str, end: str, **fields: Any) -> None:
        title = f"Course {identifier}"
        fields = {"title": title, "attendance": 20, "timezone": "Europe/London", "location": ["GB"], **fields}
        self.api(who, "POST", "trainings", identifier=identifier, start=start, end=end, **fields)

    def change(self, who: str, training: str, **fields: Any) -> None:
        self.api(who, "PUT", f"trainings/{training}", **fields)

    def decide(self, who: str, identifier: str, state: str, **fields: Any) -> None:
        self.api(who, "PUT", f"trainings/{identifier}/state", state=state, **fields)

    def join(self, identifier: str, *people: str) -> None:
        for who in people:
            self.api(who, "POST", f"trainings/{identifier}/join")

    def contact_link(self) -> str:
        """The link in the mail to a contact address that waits."""
        (message,) = self.galaxy.query("SELECT text FROM tiaas_message WHERE event = 'confirm'")
        link = re.search(r"/tiaas/contact/[\w-]+", message.text)
        assert link
        return link[0]

    def answer(self, who: str, identifier: str, accept: bool) -> None:
        self.api(who, "PUT", f"trainings/{identifier}/invitation", accept=accept)

    def route(self, who: str, tool_id: str, history_id: Optional[int] = None) -> Any:
        """Where a job of this person goes."""
        host = self.galaxy.host
        return sorting_hat(
            app=host,
            job=SimpleNamespace(history_id=history_id),
            user=self.galaxy.account(who),
            tool=SimpleNamespace(id=tool_id, tool_type="default", all_ids=[tool_id]),
            tool_id=tool_id,
            referrer=host.job_config.get_destination("sorting_hat"),
            default="regular",
            training="training",
        )

    def job_in_flight(self, who: str, tool_id: str, training: str) -> None:
        """As Galaxy's job handler leaves a job that the rule has sent somewhere.

        Only the rule's note says to which training it belongs: the tag of its history has been removed since.
        """
        history = self.galaxy.history(self.galaxy.user(who), training)
        destination = self.route(who, tool_id, history.id)
        assert destination.params["tiaas_training"] == training, destination.params
        self.sql(
            "INSERT INTO job (user_id, history_id, tool_id, state, create_time, update_time, destination_id,"
            " destination_params, job_runner_name, job_runner_external_id) VALUES (:user, :history, :tool, 'queued',"
            " :now, :now, :id, :params, :runner, '4711')",
            history=history.id,
            user=self.galaxy.account(who).id,
            tool=tool_id,
            now=str(clock.now),
            id=destination.id,
            params=json.dumps(destination.params).encode(),
            runner=destination.runner,
        )
        self.sql("DELETE FROM history_tag_association WHERE history_id = :id", id=history.id)

    # Results

    def dump(self) -> dict[str, Any]:
        """Every row that was added since Galaxy made its tables."""
        self.galaxy.session.remove()
        engine = self.galaxy.host.model.engine
        revision, tables = "", {}
        with engine.connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            for name in sorted(inspector.get_table_names()):
                rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings().all()
                if name == "tiaas_alembic_version":
                    revision = rows[0]["version_num"]
                elif name not in NOT_NEEDED and len(rows) > self.tables_of_galaxy.get(name, 0):
                    types = {column["name"]: column["type"] for column in inspector.get_columns(name)}
                    used = [column for column in types if any(row[column] is not None for row in rows)]
                    values = [[_plain(row[column], types[column]) for column in used] for row in rows]
                    tables[name] = {"columns": used, "rows": values}
        return {"revision": revision, "tables": tables}

    def _counts(self, url: str) -> dict[str, int]:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            names = sqlalchemy.inspect(connection).get_table_names()
            counts = {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}
        engine.dispose()
        return counts

    def answers(self) -> list[dict[str, Any]]:
        """What the API answers now, to the question of the same shape."""
        found = []
        identifiers = [each["identifier"] for each in self.api("admin", "GET", "trainings?limit=100")]
        now = clock.now
        questions: list[tuple[str, str]] = [
            *(("admin", path) for path in ("trainings?limit=100", "statistics", "history", "running", "mail")),
            *((who, "invitations") for who in ("severus", "pomona", "minerva")),
            *((who, "trainings?mine=true") for who in ("minerva", "filius", "harry", "draco")),
            *(("admin", f"trainings/{each}{part}") for each in identifiers for part in ("", "/history", "/members")),
            *(
                ("minerva", f"trainings/gryffindor{part}")
                for part in ("", "/status", "/progress", "/help", "/activity")
            ),
            *(("minerva", f"trainings/gryffindor/{part}") for part in ("members", "dashboard", "status?jobs=course")),
            *(("rubeus", f"trainings/hogsmeade/{part}") for part in ("status", "progress")),
            *((who, f"trainings/gryffindor{part}") for who in ("harry", "ron") for part in ("/membership", "/status")),
        ]
        for who, path in questions:
            clock.now = now - timedelta(minutes=1)
            found.append({"who": who, "path": path, "answer": self.api(who, "GET", path)})
        return found

    def destinations(self) -> list[dict[str, Any]]:
        """Where jobs go now."""
        found = []
        for who in ("harry", "ron", "draco", "minerva", "cho"):
            for tool_id in TOOLS:
                destination = self.route(who, tool_id)
                found.append({"who": who, "tool": tool_id, "id": destination.id, "params": destination.params})
        return found


def _plain(value: Any, kind: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return bool(value) if isinstance(kind, sqlalchemy.Boolean) and value is not None else value


def write_templates(directory: Path) -> None:
    ours = Path(galaxy_tiaas.__file__).parent / "templates" / "galaxy_tiaas"
    shutil.rmtree(directory, ignore_errors=True)
    for name, after in MARKS.items():
        text = (ours / name).read_text()
        assert text.count(after) == 1 or not after, name
        own = f"{after}\n<p>{mark(name)}</p>\n"
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(after, own, 1) if after else text + own)


def live(site: Site, mail: MailServer) -> str:
    """Half a year of a server.

    :returns: the link that a contact address was sent and nobody has followed.
    """
    for who in PEOPLE:
        site.galaxy.account(who)

    # Over and redacted, taken over from tiaas2, and redacted soon
    clock.set(6, 1, 12)
    old = OldService(f"sqlite:///{site.directory / 'tiaas2.sqlite'}")
    old.row(1, "transfiguration", start="2026-05-04", end="2026-05-06", title="Transfiguration of old")
    site.command("import-tiaas2", old.url)
    site.request("sybill", "divination", "2026-06-22", "2026-06-24", other_requests="Tea, from Sybill")
    site.decide("admin", "divination", "approved")
    site.join("divination", "lavender", "parvati")
    clock.set(6, 22, 12)
    site.command("lifecycle", "run")
    clock.set(6, 27, 12)
    site.command("lifecycle", "run")
    clock.set(9, 1, 12)
    site.command("lifecycle", "run")
    site.request("minerva", "potions", "2026-09-21", "2026-09-23", name="Horace", instructors=["gilderoy"])
    site.answer("gilderoy", "potions", True)
    site.decide("admin", "potions", "approved", note="As you like, Horace")
    site.join("potions", "luna", "neville")
    clock.set(9, 21, 12)
    site.command("lifecycle", "run")
    site.galaxy.job(site.galaxy.user("luna"), "sort1", "ok", clock.now, noted="potions")
    clock.set(9, 28, 12)
    site.command("lifecycle", "run")
    site.command("privacy", "erase", "--user", "gilderoy", "--yes")

    # In every other state
    clock.set(10, 1, 12)
    site.request("severus", "slytherin", "2026-11-16", "2026-11-17", description="No muggles")
    site.decide("admin", "slytherin", "rejected", note="Everybody must be welcome.")
    site.request("pomona", "hufflepuff", "2026-11-23", "2026-11-24")
    site.decide("admin", "hufflepuff", "approved")
    site.decide("pomona", "hufflepuff", "cancelled", note="Mandrakes")
    site.request("minerva", "durmstrang", "2026-11-09", "2026-11-20")
    site.decide("admin", "durmstrang", "approved")
    site.request("minerva", "beauxbatons", "2026-11-09", "2026-11-13", location=["FR", "GB"])
    site.decide("admin", "beauxbatons", "approved")
    site.join("beauxbatons", "luna", "draco")

    # The one that runs
    clock.set(10, 20, 12)
    site.request(
        "minerva",
        "griffindor",
        "2026-11-16",
        "2026-11-18",
        title="Charms & <Transfiguration>",
        description="Für Anfänger",
        name="Minerva McGonagall",
        email="minerva@private.example.org",
        website="https://hogwarts.example.org/charms",
        location=["GB", "FR"],
        use_gtn=True,
        gtn_links="https://training.example.org/charms",
        non_gtn_links="slides",
        attendance=25,
        advertise=True,
        blogpost=True,
        retain_contact=True,
        other_requests="A quiet room",
        instructors=["filius", "severus", "pomona", "newt@elsewhere.example.org", "rubeus"],
    )
    site.form("minerva", site.contact_link())
    site.answer("filius", "griffindor", True)
    site.answer("pomona", "griffindor", False)
    site.change("minerva", "griffindor", instructors=["filius", "severus", "pomona", "newt@elsewhere.example.org"])
    site.decide("admin", "griffindor", "approved", note="Welcome", destination="training-big")
    site.change("admin", "griffindor", identifier="gryffindor")
    steps = [{"tool_id": "cat1", "label": "Concatenate"}, {"tool_id": "sort1", "label": "Sort"}]
    site.api("minerva", "PUT", "trainings/gryffindor/dashboard", steps=steps, course_only=False)
    site.change("minerva", "gryffindor", end="2026-11-19")
    site.api("admin", "PUT", "trainings/gryffindor/change", accept=False, note="The room is taken.")
    site.change("minerva", "gryffindor", attendance=30)
    site.api("admin", "PUT", "trainings/gryffindor/change", accept=True)
    site.change("minerva", "gryffindor", attendance=35)
    site.form("minerva", "/tiaas/trainings/gryffindor/take-back")
    site.request("rubeus", "hogsmeade", "2026-11-17", "2026-11-17")
    site.decide("admin", "hogsmeade", "approved")
    clock.set(11, 10, 12)
    site.command("lifecycle", "run")
    site.api("minerva", "PUT", "trainings/durmstrang/end", note="All done")
    site.api("admin", "PUT", "trainings/durmstrang/resume", note="Not yet")
    site.api("minerva", "PUT", "trainings/durmstrang/end", note="Now all done")
    clock.set(11, 15, 12)
    site.command("lifecycle", "run")
    site.join("gryffindor", "harry", "ron", "hermione")
    site.join("hogsmeade", "harry")
    clock.set(11, 16, 9)
    site.command("lifecycle", "run")
    site.api("hermione", "POST", "trainings/gryffindor/leave")
    site.api("minerva", "POST", "trainings/gryffindor/question", text="Is everybody here?")
    site.api("ron", "PUT", "trainings/gryffindor/answer", done=True)
    site.api("minerva", "POST", "trainings/gryffindor/question", position=2)
    site.api("harry", "PUT", "trainings/gryffindor/answer", done=True)
    site.api("ron", "PUT", "trainings/gryffindor/answer", done=False)
    site.api("harry", "PUT", "trainings/gryffindor/hand", raised=True)

    # What waits: from here on no mail arrives.
    clock.set(11, 17, 11)
    site.command("lifecycle", "run")
    mail.refusals |= {"pansy@example.org": "550 No such user", "cho@example.org": "451 Try again later"}
    site.request("pansy", "quidditch", "2026-12-14", "2026-12-15")
    site.decide("admin", "quidditch", "approved")
    site.request("cho", "ravenclaw", "2026-12-07", "2026-12-09", email="cho@private.example.org", instructors=["luna"])
    contact_link = site.contact_link()
    site.command("lifecycle", "run")
    mail.stop()
    site.request("charlie", "dragons", "2026-12-01", "2026-12-02")
    site.decide("admin", "dragons", "approved", note="Mind the eggs")
    site.join("dragons", "cho", "draco")
    site.change("minerva", "gryffindor", attendance=40)
    site.change("minerva", "gryffindor", attendance=45)
    site.change("admin", "dragons", description="With fire")
    site.change("admin", "dragons", description="With fire and eggs")
    site.change("admin", "dragons", title="Dragons")
    for tool_id, state, who in (("cat1", "ok", "harry"), ("cat1", "error", "ron"), ("sort1", "running", "ron")):
        site.galaxy.job(site.galaxy.user(who), tool_id, state, clock.now, noted="gryffindor")
    tagged = site.galaxy.history(site.galaxy.user("ron"), "gryffindor")
    site.galaxy.job(site.galaxy.user("ron"), "sort1", "ok", clock.now, noted="gryffindor", history=tagged)
    site.job_in_flight("harry", "sort1", "gryffindor")
    site.job_in_flight("harry", "sort1", "hogsmeade")

    # A server that is killed now has mails and the lifecycle in hand.
    soon = str(clock.now + timedelta(minutes=2))
    site.sql(
        "UPDATE tiaas_delivery SET claimed_until = :soon, next_attempt_at = :soon, attempts = 1 WHERE id ="
        " (SELECT max(tiaas_delivery.id) FROM tiaas_delivery JOIN tiaas_message ON message_id = tiaas_message.id"
        "  WHERE event = 'approved' AND channel = 'mail')",
        soon=soon,
    )
    site.sql("UPDATE tiaas_lease SET holder = 'hogwarts 7 c0ffee', expires_at = :soon", soon=soon)
    # Histories older than the record of how something was done.
    site.sql("UPDATE tiaas_training_event SET via = NULL WHERE time < '2026-06-25'")
    # What no release counts any more.
    site.sql("INSERT INTO tiaas_counter VALUES ('status_computations_total', 12)")
    return contact_link


def check(site: Site) -> None:
    actions = {row.action for row in site.galaxy.query("SELECT action FROM tiaas_training_event")}
    assert actions == ACTIONS, actions ^ ACTIONS
    states = {row.state for row in site.galaxy.query("SELECT state FROM tiaas_training_invitation")}
    assert states == {"open", "accepted", "declined", "withdrawn"}, states
    outbox = site.galaxy.query(
        "SELECT channel, event, given_up_at, claimed_until, next_attempt_at, changes FROM tiaas_delivery"
        " JOIN tiaas_message ON tiaas_message.id = message_id"
    )
    waiting = {row.channel for row in outbox if row.next_attempt_at and not row.claimed_until}
    assert waiting == {"mail", "notification"}, waiting
    assert any(row.given_up_at for row in outbox) and any(row.claimed_until for row in outbox)
    assert any(row.changes for row in outbox)


def run(directory: Path, scratch: Path) -> None:
    write_templates(directory / "site" / "templates")
    with MailServer() as mail:
        site = Site(scratch, directory / "site", mail.address)
        with site.pages:
            contact_link = live(site, mail)
            check(site)
            api, rule = site.answers(), site.destinations()
            answers = {"now": clock.now.isoformat(), "contact_link": contact_link, "rule": rule, "api": api}
            database = site.dump()
    for name, content in (("database", database), ("answers", answers)):
        (directory / f"{name}.json").write_text(_lines(content) + "\n")


def _lines(value: Any, depth: int = 4) -> str:
    """JSON with a line for each row and each answer, so that differences can be read."""
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not depth or not any(isinstance(each, (dict, list)) for each in nested) or "who" in value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        lines = [f"{json.dumps(name)}: {_lines(each, depth - 1)}" for name, each in value.items()]
        return "{\n" + ",\n".join(lines) + "\n}"
    return "[\n" + ",\n".join(_lines(each, depth - 1) for each in value) + "\n]"


if __name__ == "__main__":
    os.environ.pop("GALAXY_CONFIG_FILE", None)
    with tempfile.TemporaryDirectory() as scratch:
        run(Path(sys.argv[1]).resolve(), Path(scratch))
