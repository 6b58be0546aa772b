"""trainings, their people, changes and history

Revision ID: 0001
Revises:
Create Date: 2026-11-22
"""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tiaas_training",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("identifier", sa.String(64), nullable=False, unique=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False, index=True),
        sa.Column("end", sa.Date(), nullable=False, index=True),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("use_gtn", sa.Boolean(), nullable=False),
        sa.Column("gtn_links", sa.Text(), nullable=False),
        sa.Column("non_gtn_links", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Integer(), nullable=False),
        sa.Column("advertise", sa.Boolean(), nullable=False),
        sa.Column("blogpost", sa.Boolean(), nullable=False),
        sa.Column("retain_contact", sa.Boolean(), nullable=False),
        sa.Column("other_requests", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("destination", sa.String(255)),
        _user("requester_id"),
        sa.Column("group_id", sa.Integer(), sa.ForeignKey("galaxy_group.id", ondelete="SET NULL"), index=True),
        sa.Column("role_id", sa.Integer(), sa.ForeignKey("role.id", ondelete="SET NULL"), index=True),
        sa.Column("created", sa.DateTime(), nullable=False, index=True),
        sa.Column("updated", sa.DateTime(), nullable=False),
        sa.Column("redacted_at", sa.DateTime()),
    )
    op.create_index("ix_tiaas_training_state_window", "tiaas_training", ["state", "starts_at", "ends_at"])
    op.create_table(
        "tiaas_training_location",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        sa.Column("code", sa.String(2), nullable=False, index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("training_id", "code"),
    )
    op.create_table(
        "tiaas_training_instructor",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("galaxy_user.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.UniqueConstraint("training_id", "user_id"),
    )
    op.create_table(
        "tiaas_training_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(unique=True),
        _user("user_id"),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
    )
    op.create_table(
        "tiaas_training_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        sa.Column("time", sa.DateTime(), nullable=False),
        _user("user_id"),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("from_state", sa.String(16)),
        sa.Column("to_state", sa.String(16)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
    )
    op.create_index("ix_tiaas_training_event_training", "tiaas_training_event", ["training_id", "id"])
    secret = op.create_table(
        "tiaas_secret",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )
    op.bulk_insert(secret, [{"value": secrets.token_bytes(32)}])


def downgrade() -> None:
    for table in (
        "tiaas_secret",
        "tiaas_training_event",
        "tiaas_training_change",
        "tiaas_training_instructor",
        "tiaas_training_location",
        "tiaas_training",
    ):
        op.drop_table(table)


def _training(unique: bool = False) -> sa.Column[Any]:
    return sa.Column(
        "training_id",
        sa.Integer(),
        sa.ForeignKey("tiaas_training.id", ondelete="CASCADE"),
        nullable=False,
        unique=unique or None,
    )


def _user(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("galaxy_user.id", ondelete="SET NULL"), index=True)
