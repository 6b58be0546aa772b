"""on SQLite too, a group or role that was purged is no longer a training's

SQLite gives the id of a deleted row to the next new one, and carries out ON DELETE SET NULL only if the connection asks
for it, which Galaxy's do not. So the group of somebody else could become that of a training.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

#: Galaxy's tables, and our column that refers to each.
_COLUMNS = {"galaxy_group": "group_id", "role": "role_id"}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    tables = sa.inspect(connection).get_table_names()
    for table, column in _COLUMNS.items():
        if table in tables:
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS tiaas_{table}_deleted AFTER DELETE ON {table}"
                f" BEGIN UPDATE tiaas_training SET {column} = NULL WHERE {column} = OLD.id; END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _COLUMNS:
            op.execute(f"DROP TRIGGER IF EXISTS tiaas_{table}_deleted")
