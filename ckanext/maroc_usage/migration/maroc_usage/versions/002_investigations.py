"""COUNTER's unique investigations of each day."""

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


def downgrade():
    op.execute("ALTER TABLE maroc_usage_daily DROP COLUMN uniq_investigation")
