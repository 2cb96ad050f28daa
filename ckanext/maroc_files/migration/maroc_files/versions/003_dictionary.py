"""What the DataStore says of a table's columns, over the titles in the file."""

from alembic import op

revision = "maroc_files_003"
down_revision = "maroc_files_002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "ALTER TABLE maroc_files_load ADD COLUMN dictionary jsonb NOT NULL DEFAULT '[]'"
    )


def downgrade():
    op.execute("ALTER TABLE maroc_files_load DROP COLUMN dictionary")
