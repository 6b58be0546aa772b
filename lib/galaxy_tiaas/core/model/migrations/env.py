"""Alembic's entry point to our migrations; called by :mod:`galaxy_tiaas.core.model.migrate` with a connection."""

from alembic import context
from galaxy_tiaas.core.model import Base
from galaxy_tiaas.core.model.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
