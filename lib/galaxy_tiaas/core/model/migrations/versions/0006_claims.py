"""deliveries say whether somebody is trying them

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tiaas_delivery", sa.Column("claimed_until", sa.DateTime()))


def downgrade() -> None:
    with op.batch_alter_table("tiaas_delivery") as table:
        table.drop_column("claimed_until")
