"""Decisions, what waits for one, and the lock that holds the public to them."""

from pathlib import Path

from alembic import op

revision = "maroc_workflow_001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[3] / "sql"


def upgrade():
    for name in ("tables", "content", "lock"):
        op.execute((SQL / f"{name}.sql").read_text())


def downgrade():
    op.execute((SQL / "down.sql").read_text())
