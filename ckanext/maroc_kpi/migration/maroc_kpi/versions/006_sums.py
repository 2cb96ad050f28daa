"""What the facts add up to, for each institution: derived, and built from them."""

from alembic import op

revision = "maroc_kpi_006"
down_revision = "maroc_kpi_005"
branch_labels = None
depends_on = None


def upgrade():
    # As with the facts, the definitions say its other columns: it is built and swapped.
    op.execute("CREATE TABLE maroc_kpi_sums (organization text)")
    op.execute("DELETE FROM maroc_kpi_facts_state")


def downgrade():
    op.execute("DROP TABLE maroc_kpi_sums")
