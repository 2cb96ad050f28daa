"""What is known of each uploaded table: what was loaded, and what went wrong."""

from alembic import op

revision = "maroc_files_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_files_load (
            resource_id text PRIMARY KEY,
            package_id text NOT NULL,
            state text NOT NULL
                CHECK (state IN ('queued', 'loaded', 'failed', 'skipped')),
            -- The file as it lay on the disk when it was queued.
            stamp text NOT NULL,
            -- What the DataStore holds; empty as soon as that is touched.
            sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            rows bigint,
            columns jsonb,
            about jsonb NOT NULL DEFAULT '{}',
            error text,
            detail jsonb NOT NULL DEFAULT '{}',
            attempts integer NOT NULL DEFAULT 0,
            job text,
            queued_at timestamptz NOT NULL DEFAULT now(),
            loaded_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_files_load (package_id)")
    op.execute("CREATE INDEX ON maroc_files_load (queued_at) WHERE state = 'queued'")


def downgrade():
    op.execute("DROP TABLE maroc_files_load")
