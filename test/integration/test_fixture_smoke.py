"""The servers that the other tests rely on work at all."""

from fixtures import (
    dataset,
    GalaxyServer,
    PostgresServer,
)


def test_an_upload_and_a_tool_run(galaxy: GalaxyServer) -> None:
    user = galaxy.create_user()
    upload = galaxy.upload(user, "one\ntwo\n")
    assert upload.state == "ok"
    assert upload.destination_id == "local"
    job = galaxy.run_tool(user, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id)
    assert job.state == "ok"
    assert job.destination_id == "regular"


def test_a_job_can_fail(galaxy: GalaxyServer) -> None:
    assert galaxy.run_tool(galaxy.create_user(), "test_fail").state == "error"


def test_login_gives_the_session_of_that_user(galaxy: GalaxyServer) -> None:
    user = galaxy.create_user()
    session = galaxy.login(user)
    assert session.get(f"{galaxy.url}/api/users/current").json()["email"] == user.email


def test_the_admin_is_one(galaxy: GalaxyServer) -> None:
    assert galaxy.api("GET", "users/current", galaxy.admin).json()["is_admin"]


def test_postgres_can_be_restarted(postgres: PostgresServer) -> None:
    """Another one than the shared: the Galaxies on that would answer their next requests with an error."""
    server = PostgresServer()
    server.create_database("before")
    server.restart()
    server.create_database("after")
    server.stop()
