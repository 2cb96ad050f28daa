"""The files of the store: since when each is there, so that orphans can be told."""

from alembic import op

revision = "maroc_files_002"
down_revision = "maroc_files_001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_files_file (
            sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            size bigint NOT NULL,
            mimetype text NOT NULL,
            -- When it was last uploaded by someone.
            put_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_files_file (put_at)")
    # Whether a row refers to a file is asked for every file.
    op.execute(
        "CREATE INDEX maroc_files_resource_hash ON resource (hash) WHERE hash <> ''"
    )


def downgrade():
    op.execute("DROP INDEX maroc_files_resource_hash")
    op.execute("DROP TABLE maroc_files_file")
