"""Commits that cost no further statement."""

from galaxy.model.scoped_session import galaxy_scoped_session


def commit_and_keep(session: galaxy_scoped_session) -> None:
    """Commit, and keep what was read for the answer: after other commits, all of it is read again when it is used."""
    current = session()
    expires = current.expire_on_commit
    current.expire_on_commit = False
    try:
        current.commit()
    finally:
        current.expire_on_commit = expires
