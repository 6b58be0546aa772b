"""the live class: names on the dashboard, steps, raised hands, questions and answers

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tiaas_training", sa.Column("course_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "tiaas_training_member",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        _user(),
        sa.Column("pseudonym", sa.String(64), nullable=False),
        sa.Column("colour", sa.String(7), nullable=False),
        sa.Column("shape", sa.String(16), nullable=False),
        sa.Column("hand_raised_at", sa.DateTime()),
        sa.UniqueConstraint("training_id", "user_id"),
        sa.UniqueConstraint("training_id", "pseudonym"),
    )
    op.create_table(
        "tiaas_training_step",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(255), nullable=False),
        sa.Column("tool_id", sa.String(255), nullable=False),
        sa.UniqueConstraint("training_id", "position"),
    )
    op.create_table(
        "tiaas_training_question",
        sa.Column("id", sa.Integer(), primary_key=True),
        _training(),
        sa.Column("text", sa.String(255), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime()),
        sa.Index("ix_tiaas_training_question_training", "training_id", "closed_at"),
    )
    op.create_table(
        "tiaas_training_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "question_id",
            sa.Integer(),
            sa.ForeignKey("tiaas_training_question.id", ondelete="CASCADE"),
            nullable=False,
        ),
        _user(),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("question_id", "user_id"),
    )


def downgrade() -> None:
    for table_name in (
        "tiaas_training_answer",
        "tiaas_training_question",
        "tiaas_training_step",
        "tiaas_training_member",
    ):
        op.drop_table(table_name)
    with op.batch_alter_table("tiaas_training") as table:
        table.drop_column("course_only")


def _training() -> sa.Column[Any]:
    return sa.Column(
        "training_id", sa.Integer(), sa.ForeignKey("tiaas_training.id", ondelete="CASCADE"), nullable=False
    )


def _user() -> sa.Column[Any]:
    return sa.Column(
        "user_id", sa.Integer(), sa.ForeignKey("galaxy_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
