"""What the index is owed, and which rows each reader may see."""

from pathlib import Path

from alembic import op

revision = "maroc_portal_003"
down_revision = "maroc_portal_002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[3] / "sql"


def upgrade():
    op.execute((SQL / "indexing.sql").read_text())
    op.execute((SQL / "rows.sql").read_text())


def downgrade():
    op.execute((SQL / "rows_down.sql").read_text())
    op.execute((SQL / "indexing_down.sql").read_text())
