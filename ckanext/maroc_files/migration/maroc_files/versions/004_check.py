"""What was found in each file, and which files wait to be looked at."""

from alembic import op

revision = "maroc_files_004"
down_revision = "maroc_files_003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_files_check_report (
            sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            check_name text NOT NULL,
            version integer NOT NULL,
            verdict text NOT NULL CHECK (verdict IN ('clean', 'alert', 'failed')),
            -- Names of columns, kinds and counts; never a value of the file.
            detail jsonb NOT NULL DEFAULT '{}',
            at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (sha256, check_name, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE maroc_files_check_wait (
            sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            check_name text NOT NULL,
            version integer NOT NULL,
            -- Since when somebody waits for it, and when it was last begun.
            since timestamptz NOT NULL DEFAULT now(),
            queued_at timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 0,
            job text,
            PRIMARY KEY (sha256, check_name, version)
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_files_check_wait (queued_at)")


def downgrade():
    op.execute("DROP TABLE maroc_files_check_wait")
    op.execute("DROP TABLE maroc_files_check_report")
