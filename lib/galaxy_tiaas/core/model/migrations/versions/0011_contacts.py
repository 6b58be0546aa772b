"""a contact address other than the account's is confirmed before it gets mail; changes are collected for an hour

Addresses of approved trainings, which an admin has seen, count as confirmed; so do those of trainings that nobody's
account asked for, since only admins make or import such.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "tiaas_training", sa.Column("email_confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE tiaas_training SET email_confirmed = true WHERE state = 'approved' OR requester_id IS NULL")
    op.add_column("tiaas_training", sa.Column("changes_told_at", sa.DateTime()))
    op.add_column("tiaas_training", sa.Column("wishes_told_at", sa.DateTime()))
    op.add_column("tiaas_message", sa.Column("changes", sa.JSON()))
    op.create_table(
        "tiaas_training_contact",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("training_id", sa.Integer(), sa.ForeignKey("tiaas_training.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime()),
        sa.UniqueConstraint("training_id", "address"),
    )


def downgrade() -> None:
    op.drop_table("tiaas_training_contact")
    if op.get_bind().dialect.name == "sqlite":
        # Triggers on other tables refer to this one, which is made anew.
        op.execute("PRAGMA legacy_alter_table = ON")
    with op.batch_alter_table("tiaas_training") as table:
        for name in ("email_confirmed", "changes_told_at", "wishes_told_at"):
            table.drop_column(name)
    with op.batch_alter_table("tiaas_message") as table:
        table.drop_column("changes")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA legacy_alter_table = OFF")
