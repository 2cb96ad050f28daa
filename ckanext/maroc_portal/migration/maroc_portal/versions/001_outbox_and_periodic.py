"""The outbox and the account of the periodic work."""

from alembic import op

revision = "maroc_portal_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_portal_outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            topic text NOT NULL CHECK (topic <> ''),
            payload jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            attempts integer NOT NULL DEFAULT 0,
            retry_at timestamptz NOT NULL DEFAULT now(),
            error text
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_portal_outbox (retry_at, id)")
    op.execute(
        """
        CREATE TABLE maroc_portal_periodic (
            name text PRIMARY KEY,
            started_at timestamptz,
            finished_at timestamptz,
            error text
        )
        """
    )


def downgrade():
    op.execute("DROP TABLE maroc_portal_periodic")
    op.execute("DROP TABLE maroc_portal_outbox")
