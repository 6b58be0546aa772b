"""A real Galaxy with galaxy-tiaas in it, and what tests do with one."""

import hashlib
import itertools
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import (
    dataclass,
    field,
)
from functools import cached_property
from pathlib import Path
from typing import (
    Any,
    Optional,
    Union,
)

import galaxy.model
import requests
import sqlalchemy
from galaxy.security.idencoding import IdEncodingHelper
from galaxy_starts import galaxy_starts
from postgres import (
    free_port,
    PostgresServer,
)
from sqlalchemy.orm import Session

from demo.instance import (
    Settings,
    TOOL_PANEL,
    write_instance,
)
from demo.server import (
    FEW_COLLECTIONS,
    GALAXY,
    GalaxyProcess,
)

__all__ = ("GalaxyServer", "Job", "PostgresServer", "User")

ADMIN_EMAIL = "admin@example.org"
BOOTSTRAP_KEY = "bootstrap-admin-key"
ID_SECRET = "a secret for tests"
PASSWORD = "password"
_COOKIE = "galaxysession"
#: With which programs read what is made for them on the shared servers.
FEED_TOKEN = "alohomora"
TERMINAL_STATES = ("ok", "error", "deleted", "paused", "stopped", "skipped", "failed")
HANDLER = "handler0"
#: What a job configuration says besides to have all jobs handled by a `JobHandlerProcess`.
SEPARATE_HANDLER: Settings = {"handling": {"assign": ["db-skip-locked"], "processes": {HANDLER: {}}}}
TEST_TOOLS = Path(__file__).parent / "tools"

# Galaxy's own test driver shortens the same waits.
IMPATIENT: Settings = {
    "job_handler_monitor_sleep": 0.2,
    "job_runner_monitor_sleep": 0.2,
    "workflow_monitor_sleep": 0.2,
    "monitor_thread_join_timeout": 2,
}


class JobHandlerProcess(GalaxyProcess):
    """A job handler of its own, which has no web application; `SEPARATE_HANDLER` sends all jobs to it."""

    def __init__(self, server: "GalaxyServer") -> None:
        super().__init__(server.galaxy_yml, port=0, log=server.directory / f"{HANDLER}.log")

    def start(self) -> None:
        galaxy_starts.add()
        super().start()

    def _command(self) -> list[str]:
        pid_file = self.directory / f"{HANDLER}.pid"
        options = [f"--config-file={self.galaxy_yml}", f"--server-name={HANDLER}", f"--pid-file={pid_file}"]
        return [sys.executable, "-c", f"{FEW_COLLECTIONS}; from galaxy.main import main; main()", *options]


@dataclass(frozen=True)
class User:
    id: str
    email: str
    username: str
    api_key: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Elements:
    """A list of datasets, and the id of each by its name."""

    id: str
    elements: dict[str, str]


@dataclass(frozen=True)
class Job:
    """A finished job; `destination_id` is the environment that it was sent to."""

    id: str
    tool_id: str
    state: str
    destination_id: str
    history_id: str
    outputs: list[str] = field(default_factory=list)


class GalaxyServer:
    """Starts Galaxy as the demonstration does, in a folder of its own; use it with `with`.

    `galaxy_conf` and `tiaas_conf` are keys of the two configuration files,
    `job_conf` replaces `config/job_conf.yml`. With `strict`, trouble that the
    extension meets at mount is fatal rather than a line in the log.

    Before more than one of these runs, think of the time: each start takes half
    a minute of computing for each process.
    """

    def __init__(
        self,
        tmp_path: Path,
        database_url: Optional[str] = None,
        *,
        workers: int = 1,
        preload: bool = False,
        url_prefix: str = "/",
        tiaas_conf: Optional[Settings] = None,
        galaxy_conf: Optional[Settings] = None,
        job_conf: Union[Settings, str, None] = None,
        strict: bool = True,
        env: Optional[dict[str, str]] = None,
        application: str = GALAXY,
        gunicorn_config: str = "python:galaxy_tiaas.gunicorn",
        process: type[GalaxyProcess] = GalaxyProcess,
    ) -> None:
        self.directory = tmp_path
        self.workers = workers
        self._processes = 1 if preload else workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{url_prefix.rstrip('/')}"
        self.database_url = database_url or f"sqlite:///{tmp_path / 'data' / 'galaxy.sqlite'}?timeout=60"
        self._usernames = (f"user{number}" for number in itertools.count(1))
        database = {"database_connection": database_url} if database_url else {}
        self.galaxy_yml = write_instance(
            tmp_path,
            url=self.url,
            galaxy={
                "admin_users": ADMIN_EMAIL,
                "bootstrap_admin_api_key": BOOTSTRAP_KEY,
                "galaxy_url_prefix": url_prefix,
                "id_secret": ID_SECRET,
                **database,
                **IMPATIENT,
                **(galaxy_conf or {}),
            },
            tiaas=tiaas_conf,
            job_conf=job_conf,
            tool_panels=[TOOL_PANEL, _test_tool_panel(tmp_path, **(galaxy_conf or {}))],
        )
        self._process = process(
            self.galaxy_yml,
            port=self.port,
            log=tmp_path / "galaxy.log",
            workers=workers,
            preload=preload,
            application=application,
            gunicorn_config=gunicorn_config,
            env={**({"GALAXY_TIAAS_STRICT": "1"} if strict else {}), **(env or {})},
        )

    # Life

    def __enter__(self) -> "GalaxyServer":
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        galaxy_starts.add(self._processes)
        self._process.start()

    def wait_ready(self, timeout: float = 600) -> None:
        self._process.wait_ready(self.url, timeout)

    def stop(self) -> None:
        self._process.stop()

    def restart(self) -> None:
        self.stop()
        self.start()
        self.wait_ready()

    def log_text(self) -> str:
        return self._process.log_text()

    def wait_for_log(self, text: str, times: int = 1, timeout: float = 300) -> None:
        """Wait until the log says something so often: the first answer may come before the last process is ready."""
        what = f"'{text}', {times} times in {self._process.log}"
        wait_until(lambda: self.log_text().count(text) >= times, what, timeout)

    # People

    @cached_property
    def admin(self) -> User:
        return self.create_user(ADMIN_EMAIL)

    def create_user(
        self, email: Optional[str] = None, username: Optional[str] = None, password: str = PASSWORD, active: bool = True
    ) -> User:
        """Create an account with an API key; without an e-mail address, one that nobody has yet.

        It is written into Galaxy's tables as Galaxy would: through the API it costs half a second of computing.
        """
        username = username or (email.partition("@")[0] if email else next(self._usernames))
        email = email or f"{username}@example.org"
        api_key = secrets.token_hex(16)
        with Session(self.engine) as session:
            account = galaxy.model.User(email=email, username=username, password=_cheap_hash(password))
            account.active = active
            session.add(account)
            session.flush()
            account.attempt_create_private_role()
            (role,) = account.all_roles()
            session.add(galaxy.model.DefaultUserPermissions(account, "manage permissions", role))
            session.add(galaxy.model.APIKeys(user_id=account.id, key=api_key))
            session.commit()
            return User(self.encode_id(account.id), email, username, api_key, password)

    def login(self, user: User) -> requests.Session:
        """Cookies as `login_by_form` gets them, written into Galaxy's tables: the form takes three requests."""
        key = secrets.token_hex(16)
        with Session(self.engine) as session:
            session.add(galaxy.model.GalaxySession(user_id=self.decode_id(user.id), session_key=key, is_valid=True))
            session.commit()
        browser = requests.Session()
        browser.cookies.set(_COOKIE, self.session_cookie(key), domain="127.0.0.1")
        return browser

    def session_cookie(self, key: str) -> str:
        """The value of Galaxy's cookie for the session of this key."""
        return str(self._security.encode_guid(key).decode())

    def login_by_form(self, user: User) -> requests.Session:
        """Log in as a browser does and return its cookies; forms need `csrf_token` besides."""
        session = requests.Session()
        session.get(f"{self.url}/login/start", timeout=60).raise_for_status()
        form = {"login": user.email, "password": user.password, "session_csrf_token": self.csrf_token(session)}
        session.post(f"{self.url}/user/login", json=form, timeout=60).raise_for_status()
        return session

    def csrf_token(self, session: requests.Session) -> str:
        """Galaxy's session token, which every form that changes something must carry."""
        if _COOKIE not in session.cookies:
            return str(_json(session.get(f"{self.url}/context", timeout=60))["session_csrf_token"])
        key = self._security.decode_guid(session.cookies[_COOKIE])
        (row,) = self.query("SELECT id FROM galaxy_session WHERE session_key = :key", key=key)
        return str(self._security.encode_id(row.id, kind="csrf"))

    # Requests

    def api(
        self, method: str, path: str, user: Optional[User] = None, key: Optional[str] = None, **kwargs: Any
    ) -> requests.Response:
        """Call `/api/<path>` as `user`, with `key`, or as nobody."""
        key = user.api_key if user else key
        headers = {**({"x-api-key": key} if key else {}), **kwargs.pop("headers", {})}
        url = f"{self.url}/api/{path.lstrip('/')}"
        return requests.request(method, url, headers=headers, **{"timeout": 120, **kwargs})

    # Jobs

    def create_history(self, user: User, name: str = "test") -> str:
        return str(_json(self.api("POST", "histories", user, json={"name": name}))["id"])

    def upload(self, user: User, content: str = "a\tb\n", history_id: Optional[str] = None, ext: str = "txt") -> Job:
        """Upload `content` as one dataset and wait for the job."""
        return self.wait_for_job(user, self.submit_upload(user, content, history_id, ext))

    def submit_upload(
        self, user: User, content: str = "a\tb\n", history_id: Optional[str] = None, ext: str = "txt"
    ) -> str:
        """Start an upload and return its job's id at once: the job takes ten seconds of computing."""
        element = {"src": "pasted", "paste_content": content, "ext": ext, "name": "pasted"}
        targets = [{"destination": {"type": "hdas"}, "elements": [element]}]
        payload = {"history_id": history_id or self.create_history(user), "targets": targets}
        return self._submitted(user, "tools/fetch", payload)

    def upload_list(self, user: User, contents: dict[str, str], history_id: str) -> "Elements":
        """Upload files as a list of datasets and wait for the job."""
        elements = [
            {"src": "pasted", "paste_content": content, "ext": "txt", "name": name}
            for name, content in contents.items()
        ]
        target = {"destination": {"type": "hdca"}, "collection_type": "list", "name": "files", "elements": elements}
        sent = _json(self.api("POST", "tools/fetch", user, json={"history_id": history_id, "targets": [target]}))
        self.wait_for_job(user, sent["jobs"][0]["id"])
        list_id = str(sent["output_collections"][0]["id"])
        found = _json(self.api("GET", f"dataset_collections/{list_id}", user))["elements"]
        return Elements(list_id, {each["element_identifier"]: each["object"]["id"] for each in found})

    def run_tool(
        self, user: User, tool_id: str, inputs: Optional[dict[str, Any]] = None, history_id: Optional[str] = None
    ) -> Job:
        """Run one tool and wait for the job. A dataset as input is `dataset(id)`."""
        return self.wait_for_job(user, self.submit_tool(user, tool_id, inputs, history_id))

    def submit_tool(
        self, user: User, tool_id: str, inputs: Optional[dict[str, Any]] = None, history_id: Optional[str] = None
    ) -> str:
        """Start one tool and return its job's id at once."""
        history_id = history_id or self.create_history(user)
        payload = {"history_id": history_id, "tool_id": tool_id, "inputs": inputs or {}}
        return self._submitted(user, "tools", payload)

    def _submitted(self, user: User, path: str, payload: dict[str, Any]) -> str:
        jobs = _json(self.api("POST", path, user, json=payload))["jobs"]
        assert len(jobs) == 1, jobs
        return str(jobs[0]["id"])

    def wait_for_job(self, user: User, job_id: str, timeout: float = 900) -> Job:
        """Wait until the job has ended, well or badly."""
        deadline = time.monotonic() + timeout
        while True:
            job = _json(self.api("GET", f"jobs/{job_id}", user))
            if job["state"] in TERMINAL_STATES:
                outputs = [output["id"] for output in job["outputs"].values()]
                destination = self.wait_for_destination(job_id, timeout=5)
                return Job(job_id, job["tool_id"], job["state"], destination, job["history_id"], outputs)
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} is still {job['state']} after {timeout:.0f} seconds")
            time.sleep(0.5)

    def wait_for_destination(self, job_id: str, timeout: float = 300) -> str:
        """The environment that Galaxy chose for a job, known seconds before the job ends.

        No API call tells it, so it is read from Galaxy's table.
        """
        deadline = time.monotonic() + timeout
        while True:
            job = self.query("SELECT state, destination_id FROM job WHERE id = :id", id=self.decode_id(job_id))[0]
            if job.destination_id:
                return str(job.destination_id)
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} has state {job.state} and no destination after {timeout:.0f} seconds")
            time.sleep(0.2)

    def cancel_job(self, user: User, job_id: str) -> None:
        """Stop a job whose end a test need not see."""
        _json(self.api("DELETE", f"jobs/{job_id}", user))

    # Database

    def decode_id(self, encoded: str) -> int:
        return int(self._security.decode_id(encoded))

    def encode_id(self, number: int) -> str:
        return str(self._security.encode_id(number))

    @cached_property
    def _security(self) -> Any:
        return IdEncodingHelper(id_secret=ID_SECRET)

    @cached_property
    def engine(self) -> sqlalchemy.Engine:
        return sqlalchemy.create_engine(self.database_url, poolclass=sqlalchemy.NullPool)

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text(sql), parameters))


def _cheap_hash(password: str) -> str:
    """As Galaxy once stored passwords, and still accepts them; the hash of today takes a tenth of a second."""
    return hashlib.sha1(password.encode()).hexdigest()


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 300) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"there is not {what} after {timeout:.0f} seconds")
        time.sleep(0.2)


def dataset(dataset_id: str) -> dict[str, str]:
    """How a tool's input names a dataset of a history."""
    return {"src": "hda", "id": dataset_id}


def _json(response: requests.Response) -> Any:
    assert response.ok, f"{response.request.method} {response.url}: {response.status_code} {response.text[:1000]}"
    return response.json()


def _test_tool_panel(directory: Path, interactivetools_enable: bool = False, **_: Any) -> Path:
    """The tools beside this file, which a class of trainees would not want in its tool panel."""
    files = [tool.name for tool in sorted(TEST_TOOLS.glob("*.xml"))]
    if not interactivetools_enable:
        files.remove("interactive.xml")
    tools = "".join(f'<tool file="{file}" />' for file in files)
    panel = directory / "test_tool_conf.xml"
    section = f'<section id="test" name="Test">{tools}</section>'
    panel.write_text(f'<toolbox tool_path="{TEST_TOOLS}" monitor="false">{section}</toolbox>')
    return panel
