"""Months that are over: drawn up for the institutions first, then frozen for good."""

from alembic import op

revision = "maroc_kpi_003"
down_revision = "maroc_kpi_002"
branch_labels = None
depends_on = None

COLUMNS = """
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    indicator text NOT NULL,
    version integer NOT NULL,
    scope_type text NOT NULL CHECK (scope_type IN ('country', 'organization', 'tree')),
    scope_id text NOT NULL CHECK ((scope_id = '') = (scope_type = 'country')),
    scope_name text NOT NULL,
    scope_titles jsonb NOT NULL,
    day date NOT NULL,
    state text NOT NULL,
    value numeric,
    numerator numeric,
    denominator numeric,
    n numeric,
    covered numeric,
    components jsonb NOT NULL,
    since date,
    low numeric,
    high numeric,
    entry jsonb,
    source text,
    reason jsonb,
    computed_at timestamptz NOT NULL
"""


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_kpi_month (
            month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
            previous text NOT NULL,
            hash text NOT NULL UNIQUE,
            drawn_on date NOT NULL,
            frozen_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE maroc_kpi_frozen (
            {COLUMNS},
            row_hash text NOT NULL,
            PRIMARY KEY (month, indicator, version, scope_type, scope_id)
        )
        """
    )
    op.execute(
        "CREATE INDEX maroc_kpi_frozen_series"
        " ON maroc_kpi_frozen (indicator, scope_type, scope_id, month)"
    )
    op.execute(
        f"""
        CREATE TABLE maroc_kpi_draft (
            {COLUMNS},
            drawn_on date NOT NULL,
            PRIMARY KEY (month, indicator, version, scope_type, scope_id)
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION maroc_kpi_month_is_frozen() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: a frozen month does not change',
                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    # Months are looked for by their days; rows of one day lie together, as they came.
    op.execute(
        "CREATE INDEX maroc_kpi_history_day ON maroc_kpi_history USING brin (day)"
        " WITH (pages_per_range = 16)"
    )
    for table in ("maroc_kpi_month", "maroc_kpi_frozen"):
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION maroc_kpi_month_is_frozen()
            """
        )


def downgrade():
    op.execute("DROP INDEX maroc_kpi_history_day")
    op.execute("DROP TABLE maroc_kpi_draft")
    op.execute("DROP TABLE maroc_kpi_frozen")
    op.execute("DROP TABLE maroc_kpi_month")
    op.execute("DROP FUNCTION maroc_kpi_month_is_frozen()")
