"""A real browser on a real Galaxy; with TIAAS_SCREENSHOTS=1, also the pictures of the documentation."""

import io
import shutil
import uuid
from collections import Counter
from collections.abc import (
    Callable,
    Iterator,
    Sequence,
)
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import (
    Any,
    Optional,
    Union,
)

import pytest
from days import utc_today
from fixtures import (
    BOOTSTRAP_KEY,
    GalaxyServer,
    User,
)
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    expect,
    Locator,
    Page,
    sync_playwright,
)
from servers import running
from windows import (
    Account,
    SCREENSHOTS,
    TIME_ZONE,
    Visit,
)

from demo.instance import ROOT
from demo.seed import (
    email_of,
    seed,
)

IMAGES = ROOT / "docs" / "images"
LAPTOP, PHONE = (1280, 800), (390, 844)

#: A machine may be busy with other things: what is waited for comes, or the test has failed.
TIMEOUT_MS = 180_000
expect.set_options(timeout=TIMEOUT_MS)

#: Each window would load the list below its address bar twice, as pages that cost a second of computing. Of several
#: lists of features the last one counts, so what Playwright switches off for a page's sake is here again.
_WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,"
    "MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,ThirdPartyStoragePartitioning"
)
#: ``--no-sandbox``: Chromium refuses to run as root with it.
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --no-first-run"
    f" --disable-features={_WITHOUT}"
).split()
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def galaxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    """The Galaxy that other tests use too; for pictures, one that looks like the demonstration."""
    if not SCREENSHOTS:
        yield request.getfixturevalue("galaxy_sqlite")
        return
    conf = {
        "owner": "Demonstration Galaxy",
        "late_request_prevention_days": 0,
        "timezone": "Europe/London",
        "status_visibility": "public",
    }
    with GalaxyServer(tmp_path_factory.mktemp("galaxy_pictures"), tiaas_conf=conf) as server:
        seed(server.url, BOOTSTRAP_KEY)
        yield server


class _Chromium:
    """The system's Chromium, one for all tests of a group.

    It ends with them, because its event loop would be in the way of other tests.
    """

    def __init__(self) -> None:
        self._ends: Optional[ExitStack] = None
        self._browser: Optional[Browser] = None

    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = self._start()
            running.append(self)
        return self._browser

    def _start(self) -> Browser:
        executable = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
        if executable is None:
            pytest.skip(f"no browser found, looked for {', '.join(_CHROMIUMS)}")
        with ExitStack() as ends:
            playwright = ends.enter_context(sync_playwright())
            browser = ends.enter_context(playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS))
            self._ends = ends.pop_all()
        return browser

    def stop(self) -> None:
        if self._ends:
            self._ends.close()
        self._ends = self._browser = None


_chromium = _Chromium()


@pytest.fixture
def browser() -> Browser:
    return _chromium.browser()


@pytest.fixture(scope="session")
def unique() -> Callable[[str], str]:
    """A name that no other test of this Galaxy uses; in pictures, the name itself."""
    suffix = "" if SCREENSHOTS else f"-{uuid.uuid4().hex[:4]}"
    return lambda name: f"{name}{suffix}"


@pytest.fixture(scope="session")
def account(galaxy: GalaxyServer, unique: Callable[[str], str]) -> Account:
    """The account of a person, by first name; ``admin`` is the administrator."""
    accounts: dict[str, User] = {}

    def get(name: str) -> User:
        if name not in accounts:
            accounts[name] = _existing(galaxy, name) if SCREENSHOTS else _new(galaxy, unique, name)
        return accounts[name]

    return get


def _new(galaxy: GalaxyServer, unique: Callable[[str], str], name: str) -> User:
    return galaxy.admin if name == "admin" else galaxy.create_user(email_of(unique(name)))


def _existing(galaxy: GalaxyServer, name: str) -> User:
    """An account of the demonstration, or a new one beside them."""
    found = galaxy.query("SELECT id FROM galaxy_user WHERE username = :name", name=name)
    if not found:
        return galaxy.create_user(email_of(name))
    user_id = galaxy.encode_id(found[0].id)
    key = galaxy.api("GET", f"users/{user_id}/api_key", key=BOOTSTRAP_KEY).json()
    return User(user_id, email_of(name), name, key)


@pytest.fixture
def visit(browser: Browser, galaxy: GalaxyServer) -> Iterator[Visit]:
    """Opens a window of its own for one person: ``visit(user, phone=True, javascript=False)``.

    Without a user, nobody is logged in. No window may have had a script error in the end.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_window(user: Optional[User] = None, phone: bool = False, javascript: bool = True) -> Page:
        width, height = PHONE if phone else LAPTOP
        context = browser.new_context(
            base_url=f"{galaxy.url}/",
            viewport={"width": width, "height": height},
            device_scale_factor=2 if phone and SCREENSHOTS else 1,
            timezone_id=TIME_ZONE,
            locale="en-GB",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        if user:
            _log_in_quietly(context, galaxy, user)
        page = context.new_page()
        page.on("console", lambda message: errors.extend(_complaint(message, page)))
        page.on("pageerror", lambda error: errors.extend(_fault(error, page)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


def _fault(error: Error, page: Page) -> list[str]:
    """A script that stopped; but Galaxy's own complain when a window is left while they are waiting for an answer."""
    return [] if "abort" in str(error) else [f"{page.url}: {error}"]


def _complaint(message: ConsoleMessage, page: Page) -> list[str]:
    """What the console says about something of ours; that a page or its live part answers 403 or 410 is no error."""
    source = message.location.get("url", "")
    ours = any(part in f"{source} {message.text}" for part in ("tiaas", "join-training"))
    is_answer = source in [frame.url for frame in page.frames] or "/status/live?" in source
    is_refusal = message.text.startswith("Failed to load resource") and is_answer
    return [f"{source}: {message.text}"] if message.type == "error" and ours and not is_refusal else []


def _log_in_quietly(context: BrowserContext, galaxy: GalaxyServer, user: User) -> None:
    """Put the cookies of a login into the window."""
    for cookie in galaxy.login(user).cookies:
        assert cookie.value is not None
        context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": galaxy.url}])


@pytest.fixture(scope="session")
def training(galaxy: GalaxyServer, account: Account, unique: Callable[[str], str]) -> Callable[..., str]:
    """Makes an approved training that runs today and tomorrow; returns its identifier. Other fields as in the API,
    except that ``instructors`` are accounts, which accept.

    Two tests may think of the same name: the second training of a name has a number in its identifier.
    """
    made: Counter[str] = Counter()

    def make(name: str, approved: bool = True, instructors: Sequence[User] = (), **fields: Any) -> str:
        made[name] += 1
        identifier = unique(name if made[name] == 1 else f"{name}{made[name]}")
        today = utc_today()
        days = {"start": today.isoformat(), "end": (today + timedelta(days=1)).isoformat()}
        defaults = {"title": f"The course {name}", "attendance": 10, **days}
        named = [person.username for person in instructors]
        request = {**defaults, "identifier": identifier, "instructors": named, **fields}
        assert galaxy.api("POST", "tiaas/trainings", account("admin"), json=request).ok
        for person in instructors:
            answer = {"accept": True}
            assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/invitation", person, json=answer).ok
        if approved:
            path = f"tiaas/trainings/{identifier}/state"
            assert galaxy.api("PUT", path, account("admin"), json={"state": "approved"}).ok
        return identifier

    return make


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> Path:
    return node_modules / "axe-core" / "axe.min.js"


@pytest.fixture
def picture() -> Callable[[Union[Page, Locator], str], None]:
    """Saves what is seen as a picture of the documentation, if pictures are asked for."""

    def save(seen: Union[Page, Locator], name: str, **options: Any) -> None:
        if SCREENSHOTS:
            _save_small(seen.screenshot(**options), IMAGES / f"{name}.png")

    return save


def _save_small(png: bytes, path: Path) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(colors=128, dither=Image.Dither.NONE).save(path, optimize=True)
