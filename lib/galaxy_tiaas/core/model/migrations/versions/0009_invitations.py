"""invitations to teach a training

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-29
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLE = "tiaas_training_invitation"
_NOT_WITHDRAWN = sa.text("state != 'withdrawn'")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("training_id", sa.Integer(), sa.ForeignKey("tiaas_training.id", ondelete="CASCADE"), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        _user("user_id", index=True),
        _user("invited_by", index=False),
        sa.Column("created", sa.DateTime(), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_index(
        f"ix_{_TABLE}_typed",
        _TABLE,
        ["training_id", "typed"],
        unique=True,
        sqlite_where=_NOT_WITHDRAWN,
        postgresql_where=_NOT_WITHDRAWN,
    )
    op.create_index(f"ix_{_TABLE}_sent", _TABLE, ["invited_by", "created"])


def downgrade() -> None:
    op.drop_table(_TABLE)


def _user(name: str, *, index: bool) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("galaxy_user.id", ondelete="SET NULL"), index=index)
