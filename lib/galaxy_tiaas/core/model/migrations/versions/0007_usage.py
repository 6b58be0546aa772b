"""trainings say what their members really used

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tiaas_training", sa.Column("usage_counted_at", sa.DateTime()))
    op.add_column("tiaas_training", sa.Column("usage_people", sa.Integer()))
    op.add_column("tiaas_training", sa.Column("usage_jobs", sa.Integer()))
    op.add_column("tiaas_training", sa.Column("usage_job_seconds", sa.BigInteger()))
    op.add_column("tiaas_training", sa.Column("usage_core_seconds", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("tiaas_training") as table:
        for name in ("counted_at", "people", "jobs", "job_seconds", "core_seconds"):
            table.drop_column(f"usage_{name}")
