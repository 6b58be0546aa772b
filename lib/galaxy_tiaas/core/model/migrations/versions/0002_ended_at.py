"""trainings can be ended early

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tiaas_training") as table:
        table.add_column(sa.Column("ended_at", sa.DateTime()))


def downgrade() -> None:
    with op.batch_alter_table("tiaas_training") as table:
        table.drop_column("ended_at")
