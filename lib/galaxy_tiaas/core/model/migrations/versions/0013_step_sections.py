"""steps are grouped by the subworkflows that they are from

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-30
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tiaas_training_step", sa.Column("section", sa.String(255), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("tiaas_training_step") as table:
        table.drop_column("section")
