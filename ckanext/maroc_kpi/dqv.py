"""The figures as W3C's Data Quality Vocabulary: a measurement where there is a value.

What has no value gets no measurement, but an annotation with the state and the reason.
Each measurement has the address of its card, each metric that of its method page.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rdflib import PROV, RDF, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, XSD

from . import store
from .definition import Indicator, indicators
from .store import Institution
from .value import Value
from .words import FAMILIES, STATES, Texts

ADMS = Namespace("http://www.w3.org/ns/adms#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
OA = Namespace("http://www.w3.org/ns/oa#")
SDMX = Namespace("http://purl.org/linked-data/sdmx/2009/attribute#")
UNIT = Namespace("http://qudt.org/vocab/unit/")

FORMATS: Mapping[str, tuple[str, str]] = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
}
"""By the end of the address: the media type, and the name that rdflib gives it."""


def graph(site: str, institution: Institution | None, values: store.Values) -> Graph:
    """Return the figures of an institution, or of the country.

    :param site: the portal's address, without a slash at its end
    """
    made = Graph()
    named = {"dqv": DQV, "dct": DCTERMS, "skos": SKOS, "prov": PROV, "foaf": FOAF}
    for prefix, space in {
        **named,
        "adms": ADMS,
        "oa": OA,
        "sdmx-attribute": SDMX,
    }.items():
        made.bind(prefix, space)
    subject, page = URIRef(f"{site}/"), f"{site}/indicateurs"
    if institution:
        subject = URIRef(f"{site}/organization/{institution.name}")
        page = f"{subject}/tableau-de-bord"
        made.add((subject, RDF.type, FOAF.Organization))
        _say(made, subject, FOAF.name, institution.titles)
    for name, label in FAMILIES.items():
        dimension = _dimension(site, name)
        made.add((dimension, RDF.type, DQV.Dimension))
        _say(made, dimension, SKOS.prefLabel, label)
    for indicator in indicators().values():
        _metric(made, site, indicator)
        value = store.of(values, indicator)
        at = URIRef(f"{page}#kpi-{indicator.name}")
        if value.value is None:
            _absence(made, at, subject, value)
            made.add((at, DCTERMS.subject, metric(site, indicator)))
        else:
            _measurement(made, at, subject, indicator, value)
            made.add((at, DQV.isMeasurementOf, metric(site, indicator)))
        state = URIRef(f"{site}/indicateurs#state-{value.state}")
        made.add((state, RDF.type, SKOS.Concept))
        made.add((state, SKOS.notation, Literal(value.state)))
        _say(made, state, SKOS.prefLabel, STATES[value.state].label)
        _say(made, state, SKOS.definition, STATES[value.state].meaning)
        made.add((at, ADMS.status, state))
        if value.computed_at:
            made.add((at, PROV.generatedAtTime, Literal(value.computed_at)))
        if value.day:
            made.add((at, DCTERMS.date, Literal(value.day)))
    return made


def metric(site: str, indicator: Indicator) -> URIRef:
    """Return the address of an indicator: its method page."""
    return URIRef(f"{site}/indicateurs/{indicator.name}")


def _dimension(site: str, family: str) -> URIRef:
    return URIRef(f"{site}/indicateurs#kpi-family-{family}")


def _metric(made: Graph, site: str, indicator: Indicator) -> None:
    at = metric(site, indicator)
    kind = XSD.decimal if indicator.measure == "share" else XSD.integer
    made.add((at, RDF.type, DQV.Metric))
    made.add((at, DQV.inDimension, _dimension(site, indicator.family)))
    made.add((at, DQV.expectedDataType, kind))
    made.add((at, DCTERMS.identifier, Literal(indicator.name)))
    made.add((at, DCTERMS.hasVersion, Literal(str(indicator.version))))
    _say(made, at, SKOS.prefLabel, indicator.label)
    _say(made, at, SKOS.definition, indicator.formula)
    _say(made, at, SKOS.note, indicator.description)


def _measurement(
    made: Graph, at: URIRef, subject: URIRef, indicator: Indicator, value: Value
) -> None:
    share = indicator.measure == "share"
    number = Decimal(str(value.value)) if share else int(value.value or 0)
    made.add((at, RDF.type, DQV.QualityMeasurement))
    made.add((at, DQV.computedOn, subject))
    made.add((subject, DQV.hasQualityMeasurement, at))
    made.add((at, DQV.value, Literal(number)))
    made.add((at, SDMX.unitMeasure, UNIT.PERCENT if share else UNIT.NUM))
    if value.reason:
        _say(made, at, SKOS.note, value.reason)


def _absence(made: Graph, at: URIRef, subject: URIRef, value: Value) -> None:
    made.add((at, RDF.type, DQV.QualityAnnotation))
    made.add((at, OA.hasTarget, subject))
    made.add((at, OA.motivatedBy, DQV.qualityAssessment))
    made.add((subject, DQV.hasQualityAnnotation, at))
    _say(made, at, SKOS.prefLabel, STATES[value.state].label)
    if value.reason:
        _say(made, at, OA.bodyValue, value.reason)


def _say(made: Graph, subject: URIRef, predicate: URIRef, texts: Texts) -> None:
    for lang, text in texts.items():
        made.add((subject, predicate, Literal(text, lang=lang)))
