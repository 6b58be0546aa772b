"""the list of all trainings is read in its order

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-30
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_tiaas_training_starts_at", "tiaas_training", ["starts_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_tiaas_training_starts_at", "tiaas_training")
