"""identifiers that approved trainings had before they were renamed

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    training = sa.ForeignKey("tiaas_training.id", ondelete="CASCADE")
    op.create_table(
        "tiaas_training_former_identifier",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("training_id", sa.Integer(), training, nullable=False, index=True),
        sa.Column("identifier", sa.String(64), nullable=False, unique=True),
        sa.Column("time", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tiaas_training_former_identifier")
