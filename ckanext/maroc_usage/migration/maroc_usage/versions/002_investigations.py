"""COUNTER's unique investigations; frozen days are looked up once a statement.

A trigger for each row asked as often as a day has rows, and took a fifth of its count.
"""

from alembic import op

revision = "maroc_usage_002"
down_revision = "maroc_usage_001"
branch_labels = None
depends_on = None


def upgrade():
    # A day that was counted before has no such number, and is not given a zero.
    op.execute(
        """
        ALTER TABLE maroc_usage_daily
            ADD COLUMN uniq_investigation bigint CHECK (uniq_investigation >= 0);
        COMMENT ON COLUMN maroc_usage_daily.uniq_investigation IS
            'Sessions of an hour that looked at the dataset or took its data, each with'
            ' what it used first: sums over kinds, datasets and days are right. Null'
            ' where the day was counted before this was measured.';
        """
    )
    op.execute(
        """
        DROP TRIGGER maroc_usage_keep_frozen ON maroc_usage_daily;
        CREATE OR REPLACE FUNCTION maroc_usage_keep_frozen() RETURNS trigger
        LANGUAGE plpgsql AS $$
        DECLARE
            frozen date;
        BEGIN
            SELECT min(day) INTO frozen
            FROM (SELECT DISTINCT day FROM touched) AS days
            JOIN maroc_usage_day USING (day)
            WHERE frozen_at IS NOT NULL;
            IF frozen IS NOT NULL THEN
                RAISE EXCEPTION 'the counts of % are frozen', frozen
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER maroc_usage_keep_frozen_insert
            AFTER INSERT ON maroc_usage_daily REFERENCING NEW TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION maroc_usage_keep_frozen();
        CREATE TRIGGER maroc_usage_keep_frozen_delete
            AFTER DELETE ON maroc_usage_daily REFERENCING OLD TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION maroc_usage_keep_frozen();
        CREATE TRIGGER maroc_usage_keep_frozen_from
            AFTER UPDATE ON maroc_usage_daily REFERENCING OLD TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION maroc_usage_keep_frozen();
        CREATE TRIGGER maroc_usage_keep_frozen_to
            AFTER UPDATE ON maroc_usage_daily REFERENCING NEW TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION maroc_usage_keep_frozen();
        """
    )


def downgrade():
    op.execute(
        """
        ALTER TABLE maroc_usage_daily DROP COLUMN uniq_investigation;
        DROP TRIGGER maroc_usage_keep_frozen_insert ON maroc_usage_daily;
        DROP TRIGGER maroc_usage_keep_frozen_delete ON maroc_usage_daily;
        DROP TRIGGER maroc_usage_keep_frozen_from ON maroc_usage_daily;
        DROP TRIGGER maroc_usage_keep_frozen_to ON maroc_usage_daily;
        CREATE OR REPLACE FUNCTION maroc_usage_keep_frozen() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM maroc_usage_day
                WHERE day IN (OLD.day, NEW.day) AND frozen_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'the counts of % are frozen', COALESCE(OLD.day, NEW.day)
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        END
        $$;
        CREATE TRIGGER maroc_usage_keep_frozen
            BEFORE INSERT OR UPDATE OR DELETE ON maroc_usage_daily
            FOR EACH ROW EXECUTE FUNCTION maroc_usage_keep_frozen();
        """
    )
