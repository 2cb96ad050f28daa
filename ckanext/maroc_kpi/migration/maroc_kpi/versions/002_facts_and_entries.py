"""The facts of each dataset, what was entered from outside, and official lists."""

from alembic import op

revision = "maroc_kpi_002"
down_revision = "maroc_kpi_001"
branch_labels = None
depends_on = None

VALUES = ("maroc_kpi_value", "maroc_kpi_history")
ADDED = ("maroc_kpi_entry", "maroc_kpi_roster", "maroc_kpi_roster_row")


def upgrade():
    for table in VALUES:
        op.execute(
            f"""
            ALTER TABLE {table}
                ADD COLUMN low numeric,
                ADD COLUMN high numeric,
                ADD COLUMN entry jsonb,
                DROP CONSTRAINT {table}_scope_type_check,
                ADD CONSTRAINT {table}_scope_type_check CHECK (
                    scope_type IN ('country', 'organization', 'tree')),
                ADD CONSTRAINT {table}_bounds_in_order CHECK (low <= high)
            """
        )
        op.execute(
            f"COMMENT ON COLUMN {table}.scope_type IS"
            " 'tree: an institution with all those below it'"
        )
    # Derived: built anew from the definitions and swapped; never migrated.
    op.execute(
        """
        CREATE TABLE maroc_kpi_facts (
            dataset text PRIMARY KEY,
            organization text,
            created date
        )
        """
    )
    op.execute(
        """
        CREATE TABLE maroc_kpi_facts_state (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            -- The query that built the table, by its hash, and on what day it did.
            shape text NOT NULL,
            day date NOT NULL
        )
        """
    )
    op.execute("CREATE TABLE maroc_kpi_dirty (dataset text PRIMARY KEY)")
    op.execute(
        """
        CREATE TABLE maroc_kpi_entry (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            indicator text NOT NULL,
            scope_id text NOT NULL DEFAULT '',
            as_of date NOT NULL,
            letter text NOT NULL CHECK (letter IN ('B', 'C', 'D', 'E')),
            -- A count, or the answers for among all answers.
            value numeric,
            numerator bigint CHECK (numerator >= 0),
            denominator bigint CHECK (denominator >= numerator),
            -- Between what the value lies, where it was declared in ranges.
            low numeric,
            high numeric CHECK (high >= low),
            -- How many persons or bodies stand behind it, of how many.
            n bigint NOT NULL CHECK (n >= 0),
            population bigint CHECK (population >= n),
            source text NOT NULL CHECK (source <> ''),
            url text,
            entered_by text NOT NULL,
            entered_at timestamptz NOT NULL DEFAULT now(),
            CHECK ((value IS NULL) <> (numerator IS NULL)),
            CHECK ((numerator IS NULL) = (denominator IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ON maroc_kpi_entry (indicator, scope_id, as_of)")
    op.execute(
        """
        CREATE TABLE maroc_kpi_roster (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            as_of date NOT NULL,
            source text NOT NULL CHECK (source <> ''),
            url text,
            sha256 text NOT NULL,
            loaded_by text NOT NULL,
            loaded_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute(
        """
        CREATE TABLE maroc_kpi_roster_row (
            roster bigint NOT NULL REFERENCES maroc_kpi_roster,
            name text NOT NULL CHECK (name <> ''),
            kind text NOT NULL,
            region text NOT NULL DEFAULT '',
            PRIMARY KEY (roster, kind, name)
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION maroc_kpi_only_adds() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: a correction is a new row', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for table in ADDED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION maroc_kpi_only_adds()"
        )


def downgrade():
    for table in reversed(ADDED):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION maroc_kpi_only_adds()")
    op.execute("DROP TABLE maroc_kpi_dirty")
    op.execute("DROP TABLE maroc_kpi_facts_state")
    op.execute("DROP TABLE maroc_kpi_facts")
    op.execute("DELETE FROM maroc_kpi_value WHERE scope_type = 'tree'")
    op.execute("ALTER TABLE maroc_kpi_history DISABLE TRIGGER append_only")
    op.execute("DELETE FROM maroc_kpi_history WHERE scope_type = 'tree'")
    op.execute("ALTER TABLE maroc_kpi_history ENABLE TRIGGER append_only")
    for table in VALUES:
        op.execute(
            f"""
            ALTER TABLE {table}
                DROP CONSTRAINT {table}_bounds_in_order,
                DROP CONSTRAINT {table}_scope_type_check,
                ADD CONSTRAINT {table}_scope_type_check CHECK (
                    scope_type IN ('country', 'organization')),
                DROP COLUMN low, DROP COLUMN high, DROP COLUMN entry
            """
        )
        op.execute(f"COMMENT ON COLUMN {table}.scope_type IS NULL")
