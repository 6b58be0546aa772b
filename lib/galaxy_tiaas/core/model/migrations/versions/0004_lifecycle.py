"""the lifecycle runs itself: messages and their deliveries, a lease, counters, the door of each event

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EVENT_INDEXES = {
    "ix_tiaas_training_event_time": ["time", "id"],
    "ix_tiaas_training_event_action": ["action", "time", "id"],
    "ix_tiaas_training_event_via": ["via", "time", "id"],
    "ix_tiaas_training_event_user": ["user_id", "time", "id"],
}


def upgrade() -> None:
    op.add_column("tiaas_training", sa.Column("reminded_at", sa.DateTime()))
    op.add_column("tiaas_training", sa.Column("thanked_at", sa.DateTime()))
    op.add_column("tiaas_training_event", sa.Column("via", sa.String(16)))
    for name, columns in EVENT_INDEXES.items():
        op.create_index(name, "tiaas_training_event", columns)
    op.create_table(
        "tiaas_message",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("training_id", sa.Integer(), sa.ForeignKey("tiaas_training.id", ondelete="CASCADE"), index=True),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "tiaas_delivery",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "message_id",
            sa.Integer(),
            sa.ForeignKey("tiaas_message.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("galaxy_user.id", ondelete="CASCADE"), index=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), index=True),
        sa.Column("delivered_at", sa.DateTime()),
        sa.Column("given_up_at", sa.DateTime(), index=True),
        sa.Column("problem", sa.Text(), nullable=False),
    )
    op.create_table(
        "tiaas_lease",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(64)),
        sa.Column("expires_at", sa.DateTime()),
        sa.Column("finished_at", sa.DateTime()),
    )
    op.create_table(
        "tiaas_counter",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    for table_name in ("tiaas_counter", "tiaas_lease", "tiaas_delivery", "tiaas_message"):
        op.drop_table(table_name)
    for name in EVENT_INDEXES:
        op.drop_index(name, "tiaas_training_event")
    with op.batch_alter_table("tiaas_training_event") as table:
        table.drop_column("via")
    with op.batch_alter_table("tiaas_training") as table:
        table.drop_column("thanked_at")
        table.drop_column("reminded_at")
