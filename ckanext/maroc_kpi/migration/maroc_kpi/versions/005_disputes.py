"""What institutions dispute of their figures, and what ADD answers: added to alone."""

from alembic import op

revision = "maroc_kpi_005"
down_revision = "maroc_kpi_004"
branch_labels = None
depends_on = None

TABLES = ("maroc_kpi_dispute", "maroc_kpi_dispute_answer")


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_kpi_dispute (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            indicator text NOT NULL,
            organization_id text NOT NULL,
            -- The first day of the month that is disputed; null is the current figure.
            month date CHECK (extract(day FROM month) = 1),
            -- The figure as it was read: its version, state, value and last day.
            figure jsonb NOT NULL,
            text text NOT NULL CHECK (trim(text) <> ''),
            opened_by text NOT NULL,
            opened_at timestamptz NOT NULL,
            due_on date NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_kpi_dispute (organization_id, indicator)")
    op.execute(
        """
        CREATE TABLE maroc_kpi_dispute_answer (
            -- One answer a dispute: what is wrong with it is disputed anew.
            dispute bigint PRIMARY KEY REFERENCES maroc_kpi_dispute,
            text text NOT NULL CHECK (trim(text) <> ''),
            outcome text NOT NULL CHECK (outcome IN ('corrected', 'maintained')),
            answered_by text NOT NULL,
            answered_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION maroc_kpi_dispute_stays() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: what was said stays',
                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for table in TABLES:
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION maroc_kpi_dispute_stays()
            """
        )


def downgrade():
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION maroc_kpi_dispute_stays()")
