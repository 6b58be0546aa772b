"""The servers that the other tests rely on work at all."""

from fixtures import GalaxyServer
from postgres import PostgresServer


def test_login_gives_the_session_of_that_user(galaxy: GalaxyServer) -> None:
    user = galaxy.create_user()
    for session in (galaxy.login(user), galaxy.login_by_form(user)):
        context = session.get(f"{galaxy.url}/context").json()
        assert session.get(f"{galaxy.url}/api/users/current").json()["email"] == user.email
        assert galaxy.csrf_token(session) == context["session_csrf_token"]


def test_the_admin_is_one(galaxy: GalaxyServer) -> None:
    assert galaxy.api("GET", "users/current", galaxy.admin).json()["is_admin"]


def test_postgres_can_be_restarted() -> None:
    """Another one than the shared: the Galaxies on that would answer their next requests with an error."""
    server = PostgresServer()
    server.create_database("before")
    server.restart()
    server.create_database("after")
    server.stop()
