"""The days on which somebody confirmed that a dataset has nothing new to say."""

from alembic import op

revision = "maroc_kpi_004"
down_revision = "maroc_kpi_003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_kpi_confirmation (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            dataset text NOT NULL,
            organization text,
            user_id text NOT NULL,
            at timestamptz NOT NULL,
            -- The day of "at" in Africa/Casablanca; one day counts once.
            day date NOT NULL,
            UNIQUE (dataset, day)
        )
        """
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON maroc_kpi_confirmation"
        " FOR EACH ROW EXECUTE FUNCTION maroc_kpi_only_adds()"
    )


def downgrade():
    op.execute("DROP TABLE maroc_kpi_confirmation")
