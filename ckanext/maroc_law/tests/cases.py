"""A dataset that breaks no rule, for stories that change one answer of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

TODAY = dt.date(2026, 11, 22)


def lawful(**changed: Any) -> dict[str, Any]:
    """Return a commune's budget: complete, about nobody, excepted by nothing."""
    return {
        "title_translated": {"fr": "Budget de la commune", "ar": "ميزانية الجماعة"},
        "notes_translated": {"fr": "Une ligne par article du budget, en dirhams."},
        "classification": "non-classifie",
        "classification_date": "2026-01-15",
        "art7_scope": "aucune",
        "third_party": "non",
        "personal_data": "aucune",
        "source": "Commune de Fès",
        "issued": "2026-02-01",
        "contact_email": "donnees@example.ma",
        "license_id": "odc-odbl",
        "collection_frequency": "ANNUAL",
        "geographic_coverage": ["03.231.01.0"],
        "art10_category": "budgets-collectivites",
        **changed,
    }
