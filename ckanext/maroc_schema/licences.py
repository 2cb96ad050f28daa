"""CKAN's register of licences, with the portal's own at its head.

Core has their ids without their versions; reusers, the API and DCAT get the name and
the address of the licence itself.
"""

from __future__ import annotations

from ckan import model
from ckan.model.license import License, LicenseRegister

from ckanext.maroc_law import vocabulary


def register() -> None:
    """Put the portal's licences in core's register, before the others."""
    ours = [
        License(
            {
                "id": each.slug,
                "title": each.label["fr"],
                "url": each.uri,
                "status": "active",
                "family": "",
                "maintainer": "",
                "od_conformance": "approved",
                "osd_conformance": "not reviewed",
                "domain_content": True,
                "domain_data": True,
                "domain_software": False,
                "is_generic": False,
            }
        )
        for each in vocabulary.vocabulary("licences")
    ]
    known = LicenseRegister()
    slugs = {each.id for each in ours}
    known.licenses = [*ours, *(each for each in known.licenses if each.id not in slugs)]
    model.Package._license_register = known
