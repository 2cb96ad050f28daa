"""Without the counter's plugin the figures stand, and downloads say why they do not."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories, helpers

from ckanext.maroc_kpi import compute

from .conftest import needed

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "maroc_portal maroc_kpi"),
    pytest.mark.usefixtures("with_plugins", "clean_db"),
]


def test_downloads_are_not_measured_and_the_pages_stand():
    factories.Organization(name="commune-fes", title="Commune de Fès")
    compute.refresh()
    assert not needed()
    downloads = helpers.call_action("maroc_kpi_show", name="downloads")
    assert (downloads["state"], downloads["value"]) == ("not_measured", None)
    assert "n’est pas installé" in downloads["reason"]["fr"]
    app: Any = helpers._get_test_app()
    for path in ("/indicateurs", "/organization/commune-fes/tableau-de-bord"):
        soup = BeautifulSoup(app.get(path).body, "html.parser")
        for name, said in (
            ("public_datasets", "0 jeu de données"),
            ("open_standards", "Sans objet"),
            ("downloads", "Non mesuré"),
        ):
            headline = soup.select_one(f"#kpi-{name} .kpi-headline")
            assert headline is not None
            assert headline.get_text(strip=True) == said
