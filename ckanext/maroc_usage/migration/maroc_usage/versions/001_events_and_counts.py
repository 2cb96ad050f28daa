"""The events, what they are about, and the counts of each day.

The partitions of the events stand in a schema of their own, where the web's role has
no right at all, today or by default.
"""

from alembic import op

revision = "maroc_usage_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        CREATE TABLE maroc_usage_subject (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            resource_id text NOT NULL,
            dataset_id text NOT NULL,
            organization_id text NOT NULL,
            UNIQUE (resource_id, dataset_id, organization_id)
        );
        COMMENT ON TABLE maroc_usage_subject IS
            'What was used: a resource of a dataset of an institution, as they stood'
            ' at the time. An empty text stands for none.';
        CREATE INDEX ON maroc_usage_subject (dataset_id);

        CREATE TABLE maroc_usage_event (
            moment timestamptz NOT NULL,
            visitor bigint NOT NULL,
            subject integer NOT NULL,
            kind "char" NOT NULL CHECK (kind IN ('v', 'd', 'o', 'q', 'a', 'f', 'r')),
            agent_class "char" NOT NULL CHECK (agent_class IN ('p', 'm', 'r')),
            own boolean NOT NULL
        ) PARTITION BY RANGE (moment);
        COMMENT ON TABLE maroc_usage_event IS
            'One row a use, a partition a day of Africa/Casablanca, kept 35 days.';
        COMMENT ON COLUMN maroc_usage_event.visitor IS
            'A keyed hash whose key is forgotten with the day; it leads to no one.';
        CREATE SCHEMA IF NOT EXISTS maroc_usage_days;

        CREATE TABLE maroc_usage_segment (
            name text PRIMARY KEY,
            position bigint NOT NULL DEFAULT 0,
            lists text NOT NULL DEFAULT '',
            records bigint NOT NULL DEFAULT 0,
            damaged bigint NOT NULL DEFAULT 0,
            dropped bigint NOT NULL DEFAULT 0,
            late bigint NOT NULL DEFAULT 0,
            loaded_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE maroc_usage_segment IS
            'How far each segment of a spool was loaded, written with its rows.';
        COMMENT ON COLUMN maroc_usage_segment.late IS
            'Records of a day that was frozen or forgotten; they are not counted.';

        CREATE TABLE maroc_usage_day (
            day date PRIMARY KEY,
            events bigint NOT NULL DEFAULT 0,
            lists text[] NOT NULL DEFAULT '{}',
            waiting_since timestamptz,
            counted_at timestamptz,
            took interval,
            lag interval,
            frozen_at timestamptz
        );
        COMMENT ON COLUMN maroc_usage_day.waiting_since IS
            'The oldest event that is loaded and not in the counts yet.';
        COMMENT ON COLUMN maroc_usage_day.lag IS
            'From the oldest event of the last count to that count.';

        CREATE TABLE maroc_usage_daily (
            day date NOT NULL,
            kind text NOT NULL CHECK (kind IN (
                'view', 'download', 'outlink', 'datastore', 'api', 'feed', 'rdf')),
            agent_class text NOT NULL
                CHECK (agent_class IN ('regular', 'machine', 'robot')),
            dataset_id text NOT NULL DEFAULT '',
            resource_id text NOT NULL DEFAULT '',
            organization_id text NOT NULL DEFAULT '',
            total bigint NOT NULL CHECK (total > 0),
            uniq bigint NOT NULL CHECK (uniq >= 0),
            uniq_resource bigint NOT NULL CHECK (uniq_resource > 0),
            uniq_investigation bigint NOT NULL DEFAULT 0
                CHECK (uniq_investigation >= 0),
            PRIMARY KEY (
                day, kind, agent_class, dataset_id, resource_id, organization_id)
        );
        COMMENT ON COLUMN maroc_usage_daily.total IS
            'After the rule of 30 seconds.';
        COMMENT ON COLUMN maroc_usage_daily.uniq IS
            'Sessions of an hour that used the dataset so, each with the resource it'
            ' used first: sums over resources, datasets and days are right.';
        COMMENT ON COLUMN maroc_usage_daily.uniq_resource IS
            'Sessions of an hour that used this resource so: right for it alone.';
        COMMENT ON COLUMN maroc_usage_daily.uniq_investigation IS
            'Sessions of an hour that looked at the dataset or took its data, each with'
            ' what it used first: sums over kinds, datasets and days are right.';
        CREATE INDEX ON maroc_usage_daily (dataset_id, kind);
        CREATE INDEX ON maroc_usage_daily (organization_id, kind);

        CREATE FUNCTION maroc_usage_keep_frozen() RETURNS trigger
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


def downgrade():
    op.execute(
        """
        DROP TABLE maroc_usage_daily;
        DROP FUNCTION maroc_usage_keep_frozen();
        DROP TABLE maroc_usage_day;
        DROP TABLE maroc_usage_segment;
        DROP TABLE maroc_usage_event;
        DROP TABLE maroc_usage_subject;
        DROP SCHEMA maroc_usage_days;
        """
    )
