"""The current values, their history, and the account of the refresh."""

from alembic import op

revision = "maroc_kpi_001"
down_revision = None
branch_labels = None
depends_on = None

COLUMNS = """
    indicator text NOT NULL,
    scope_type text NOT NULL CHECK (scope_type IN ('country', 'organization')),
    scope_id text NOT NULL CHECK ((scope_id = '') = (scope_type = 'country')),
    day date NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN (
        'measured', 'partial', 'declared', 'not_measured', 'not_applicable', 'suppressed'
    )),
    value numeric,
    numerator bigint,
    denominator bigint,
    n bigint,
    covered bigint,
    components jsonb NOT NULL,
    since date,
    reason jsonb,
    computed_at timestamptz NOT NULL,
    CONSTRAINT {table}_absence_has_no_value CHECK (
        (state IN ('measured', 'partial', 'declared')) = (value IS NOT NULL)
    ),
    CONSTRAINT {table}_absence_has_a_reason CHECK (
        state IN ('measured', 'declared') OR reason IS NOT NULL
    )
"""


def upgrade():
    op.execute(
        f"""
        CREATE TABLE maroc_kpi_value (
            {COLUMNS.format(table="maroc_kpi_value")},
            PRIMARY KEY (scope_type, scope_id, indicator)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE maroc_kpi_history (
            {COLUMNS.format(table="maroc_kpi_history")},
            PRIMARY KEY (indicator, scope_type, scope_id, day)
        )
        """
    )
    # The owner of the tables writes the history, and even the owner only adds to it.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION maroc_kpi_history_is_append_only() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'maroc_kpi_history is append-only: a past day does not change'
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON maroc_kpi_history
        FOR EACH ROW EXECUTE FUNCTION maroc_kpi_history_is_append_only()
        """
    )
    op.execute(
        """
        CREATE TABLE maroc_kpi_refresh (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            asked bigint NOT NULL DEFAULT 0,
            done bigint NOT NULL DEFAULT 0,
            day date,
            pulse text,
            computed_at timestamptz
        )
        """
    )


def downgrade():
    op.execute("DROP TABLE maroc_kpi_refresh")
    op.execute("DROP TABLE maroc_kpi_history")
    op.execute("DROP FUNCTION maroc_kpi_history_is_append_only()")
    op.execute("DROP TABLE maroc_kpi_value")
