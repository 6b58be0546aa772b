"""Client for the API in the style of bioblend, which is all it needs.

>>> from bioblend.galaxy import GalaxyInstance
>>> from galaxy_tiaas.bioblend import TrainingsClient
>>> gi = GalaxyInstance("https://usegalaxy.example.org", key="…")  # doctest: +SKIP
>>> TrainingsClient(gi).join_training("gryffindor")  # doctest: +SKIP
"""

from typing import (
    Any,
    Optional,
)
from urllib.parse import quote

from bioblend.galaxy import GalaxyInstance
from bioblend.galaxy.client import Client


class TrainingsClient(Client):
    """Trainings on a Galaxy server with galaxy-tiaas.

    Answers are the JSON of the API as dictionaries; see ``/api/docs`` of the server. All methods raise
    ``bioblend.ConnectionError`` for what the server refuses, with its HTTP ``status_code`` and answer.

    Of a class, ``hours`` says how far back to look (1 to 64, 3 if not given), and ``jobs`` at what: ``all``, or
    ``course`` for what is in histories of the course only.
    """

    gi: GalaxyInstance
    module = "tiaas/trainings"

    def __init__(self, gi: GalaxyInstance) -> None:
        super().__init__(gi)

    def get_trainings(
        self,
        *,
        state: Optional[str] = None,
        phase: Optional[str] = None,
        mine: bool = False,
        needs_decision: bool = False,
        search: Optional[str] = None,
        limit: Optional[int] = None,
        offset: Optional[int] = None,
        sort_by: Optional[str] = None,
        sort_desc: Optional[bool] = None,
    ) -> list[dict[str, Any]]:
        """List trainings: advertised ones, and those the user requested, teaches or joined; admins get all.

        :param state: ``new``, ``approved``, ``rejected`` or ``cancelled``.
        :param phase: ``upcoming``, ``ongoing`` or ``finished``.
        :param mine: only those the user requested, teaches or joined.
        :param needs_decision: only those with a request or a requested change that waits for an admin.
        :param search: words that occur in identifier, title or description.
        :param sort_by: name of a field such as ``start``, ``created`` or ``identifier``.
        """
        return self._look(
            self._make_url(),
            state=state,
            phase=phase,
            mine=mine,
            needs_decision=needs_decision,
            search=search,
            limit=limit,
            offset=offset,
            sort_by=sort_by,
            sort_desc=sort_desc,
        )

    def show_training(self, identifier: str) -> dict[str, Any]:
        """One training; personal fields only for its instructors and admins."""
        return self._get(url=self._url(identifier))

    def create_training(self, identifier: str, **fields: Any) -> dict[str, Any]:
        """Request a training.

        :param fields: the other fields of the API, of which ``title``, ``start``, ``end`` (``YYYY-MM-DD``)
            and ``attendance`` are needed.
        """
        return self._post({"identifier": identifier, **fields})

    def update_training(self, identifier: str, /, **fields: Any) -> dict[str, Any]:
        """Change fields; of an approved training, an instructor's change of its dates or size waits for an admin.

        :param fields: the fields of the API, its new ``identifier`` among them; and ``version`` as it was read, to
            be refused (409) if the training has changed since.
        """
        return self._put(fields, url=self._url(identifier))

    def approve_training(
        self, identifier: str, *, note: Optional[str] = None, destination: Optional[str] = None
    ) -> dict[str, Any]:
        """Approve a training (admins).

        :param note: a word to the instructor.
        :param destination: job environment for its members, if not the usual one.
        """
        return self._set_state(identifier, "approved", note=note, destination=destination)

    def reject_training(self, identifier: str, *, note: Optional[str] = None) -> dict[str, Any]:
        """Reject a training (admins)."""
        return self._set_state(identifier, "rejected", note=note)

    def cancel_training(self, identifier: str, *, note: Optional[str] = None) -> dict[str, Any]:
        """Cancel a training (its instructors and admins)."""
        return self._set_state(identifier, "cancelled", note=note)

    def decide_change(self, identifier: str, accept: bool, *, note: Optional[str] = None) -> dict[str, Any]:
        """Accept or decline the change that an instructor requested (admins)."""
        return self._put(_given(accept=accept, note=note), url=self._url(identifier, "change"))

    def end_training(self, identifier: str, *, note: Optional[str] = None) -> dict[str, Any]:
        """End a running training before its last day (its instructors and admins)."""
        return self._put(_given(note=note), url=self._url(identifier, "end"))

    def resume_training(self, identifier: str, *, note: Optional[str] = None) -> dict[str, Any]:
        """Let a training that was ended early go on (admins)."""
        return self._put(_given(note=note), url=self._url(identifier, "resume"))

    def join_training(self, identifier: str) -> dict[str, Any]:
        """Join a training; joining twice is joining once."""
        return self._post({}, url=self._url(identifier, "join"))

    def leave_training(self, identifier: str) -> dict[str, Any]:
        """Leave a training."""
        return self._post({}, url=self._url(identifier, "leave"))

    def get_invitations(self) -> list[dict[str, Any]]:
        """The user's invitations to teach trainings of others."""
        return self._get(url=self._site_url("invitations"))

    def answer_invitation(self, identifier: str, accept: bool) -> dict[str, Any]:
        """Accept or decline an invitation to teach a training."""
        return self._put({"accept": accept}, url=self._url(identifier, "invitation"))

    def get_members(self, identifier: str) -> list[dict[str, Any]]:
        """The members with their pseudonyms (instructors and admins)."""
        return self._get(url=self._url(identifier, "members"))

    def get_history(self, identifier: str) -> list[dict[str, Any]]:
        """Who changed what, when, with which note (instructors and admins)."""
        return self._get(url=self._url(identifier, "history"))

    def get_all_history(
        self,
        *,
        training: Optional[str] = None,
        user: Optional[str] = None,
        action: Optional[str] = None,
        via: Optional[str] = None,
        since: Optional[str] = None,
        until: Optional[str] = None,
        before: Optional[int] = None,
        limit: Optional[int] = None,
    ) -> list[dict[str, Any]]:
        """Who changed what in all trainings, newest first (admins).

        :param training: identifier of the only one to look at.
        :param user: who did it: encoded id, public name or e-mail address; ``server``: nobody in person.
        :param action: what was done, such as ``approved``.
        :param via: source of the change: ``page``, ``api``, ``command``, ``lifecycle`` or ``import``.
        :param since: first day (``YYYY-MM-DD``, UTC); ``until``: last day.
        :param before: the ``id`` of a line: only what is older.
        :param limit: 1 to 1000, 50 if not given.
        """
        asked = _given(
            training=training, user=user, action=action, via=via, since=since, until=until, before=before, limit=limit
        )
        return self._get(url=self._site_url("history"), params=asked)

    def get_statistics(self) -> dict[str, Any]:
        """Numbers about all approved trainings: people, days, countries, jobs and their hours, by year."""
        return self._get(url=self._site_url("statistics"))

    def get_calendar(self, *, start: Optional[str] = None, end: Optional[str] = None) -> list[dict[str, Any]]:
        """Approved trainings by date: the dates alone, everything for admins.

        :param start: leave out trainings that end before this day (``YYYY-MM-DD``).
        :param end: leave out trainings that start after this day.
        """
        return self._look(self._site_url("calendar"), start=start, end=end)

    def get_running(self) -> list[dict[str, Any]]:
        """The trainings that run now or next, for schedulers (admins)."""
        return self._get(url=self._site_url("running"))

    def explain_routing(
        self,
        *,
        user: Optional[str] = None,
        tool_id: Optional[str] = None,
        at: Optional[str] = None,
        job: Optional[str] = None,
    ) -> dict[str, Any]:
        """Where a job would go and why, or where one went (admins).

        :param user: public name, e-mail address or encoded id; not given: somebody who is not logged in.
        :param tool_id: not given: an ordinary tool.
        :param at: a time in ISO 8601, UTC unless it says otherwise; not given: now.
        :param job: number or encoded id of a job that exists; then the others do not matter.
        """
        return self._look(self._site_url("routing"), user=user, tool_id=tool_id, at=at, job=job)

    def get_status(self, identifier: str, *, hours: Optional[int] = None, jobs: Optional[str] = None) -> dict[str, Any]:
        """What the class did in the last ``hours``.

        For all but instructors and admins, the keys ``queue`` are absent and times are whole minutes.
        """
        return self._look(self._url(identifier, "status"), hours=hours, jobs=jobs)

    def get_activity(
        self, identifier: str, *, hours: Optional[int] = None, jobs: Optional[str] = None
    ) -> dict[str, Any]:
        """Jobs of the class over the last ``hours``, and how long they waited beside everybody else's."""
        return self._look(self._url(identifier, "activity"), hours=hours, jobs=jobs)

    def get_help(self, identifier: str, *, hours: Optional[int] = None, jobs: Optional[str] = None) -> dict[str, Any]:
        """Who needs help: raised hands, failed jobs, long waits, no job yet, answers (instructors and admins)."""
        return self._look(self._url(identifier, "help"), hours=hours, jobs=jobs)

    def show_membership(self, identifier: str) -> dict[str, Any]:
        """Where the user stands: joined or not, the own name and hand, and what the instructor asks."""
        return self._get(url=self._url(identifier, "membership"))

    def raise_hand(self, identifier: str) -> dict[str, Any]:
        """Ask for help (members)."""
        return self._put({"raised": True}, url=self._url(identifier, "hand"))

    def lower_hand(self, identifier: str, *, pseudonym: Optional[str] = None) -> dict[str, Any]:
        """Lower the own hand (members), or that of somebody else (instructors and admins).

        :param pseudonym: the name of that member on the dashboard.
        """
        where = ["hand"] if pseudonym is None else ["hands", quote(pseudonym, safe="")]
        return self._put({"raised": False}, url=self._url(identifier, *where))

    def ask_question(
        self, identifier: str, *, text: Optional[str] = None, position: Optional[int] = None
    ) -> dict[str, Any]:
        """Ask the class whether it is done; the question before is closed (instructors and admins).

        :param text: "Are you done?" if not given.
        :param position: the step that is meant, counted from 1.
        """
        return self._post(_given(text=text, position=position), url=self._url(identifier, "question"))

    def close_question(self, identifier: str) -> Optional[dict[str, Any]]:
        """Close the open question and return it, if there is one (instructors and admins)."""
        return self._delete(url=self._url(identifier, "question"))

    def answer_question(self, identifier: str, done: bool) -> dict[str, Any]:
        """Answer what the instructor asks: done, or still working (members)."""
        return self._put({"done": done}, url=self._url(identifier, "answer"))

    def get_progress(self, identifier: str, *, jobs: Optional[str] = None) -> dict[str, Any]:
        """Which member is at which step of the training, or uses which tools where no steps are set up."""
        return self._look(self._url(identifier, "progress"), jobs=jobs)

    def get_dashboard(self, identifier: str) -> dict[str, Any]:
        """What is set up: the steps, and whether only the course is shown (instructors and admins)."""
        return self._get(url=self._url(identifier, "dashboard"))

    def update_dashboard(
        self,
        identifier: str,
        *,
        course_only: Optional[bool] = None,
        steps: Optional[list[dict[str, str]]] = None,
        workflow_id: Optional[str] = None,
        workflow: Optional[dict[str, Any]] = None,
    ) -> dict[str, Any]:
        """Set up the dashboard (instructors and admins); what is not given stays. Steps come from one source.

        :param course_only: whether only jobs in histories of the course count.
        :param steps: the steps in their order, each with ``tool_id`` and if you like ``label``; none take them away.
        :param workflow_id: a stored workflow whose tools are the steps.
        :param workflow: the JSON of a ``.ga`` file, whose tools are the steps.
        """
        given = _given(course_only=course_only, steps=steps, workflow_id=workflow_id, workflow=workflow)
        return self._put(given, url=self._url(identifier, "dashboard"))

    def _look(self, url: str, **choices: Any) -> Any:
        return self._get(url=url, params=_given(**choices))

    def _set_state(self, identifier: str, state: str, **details: Optional[str]) -> dict[str, Any]:
        return self._put(_given(state=state, **details), url=self._url(identifier, "state"))

    def _site_url(self, resource: str) -> str:
        return f"{self.gi.url}/tiaas/{resource}"

    def _url(self, identifier: str, *more: str) -> str:
        return "/".join([self._make_url(), quote(identifier, safe=""), *more])


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
