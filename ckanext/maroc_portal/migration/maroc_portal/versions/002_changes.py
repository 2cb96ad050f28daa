"""Every change of a dataset's content leaves one message, whoever makes it."""

from pathlib import Path

from alembic import op

revision = "maroc_portal_002"
down_revision = "maroc_portal_001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[3] / "sql"


def upgrade():
    op.execute((SQL / "changes.sql").read_text())


def downgrade():
    op.execute((SQL / "changes_down.sql").read_text())
