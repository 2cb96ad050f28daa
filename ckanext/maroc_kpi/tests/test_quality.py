from __future__ import annotations
from typing import Any
import pytest
from ckanext.maroc_kpi import compute
from .conftest import act, execute, institution, publish
pytestmark = pytest.mark.usefixtures("empty")

def test_try(fes, app):
    d = publish(fes, "parcs", "CSV", "PDF")
    compute.refresh(anew=True)
    import json
    print(json.dumps(act("maroc_kpi_quality_show", id="parcs"), ensure_ascii=False, indent=1)[:9000])
    assert 0
