"""The vocabularies as pages, and as SKOS for programs and for the DCAT catalogue.

``/vocabulaires/<id>`` is also the address of the scheme itself, and
``/vocabulaires/<id>#<slug>`` that of a word: a program that follows either asks for
Turtle or JSON-LD and gets them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response
from rdflib import RDF, SKOS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, XSD

import ckan.plugins.toolkit as tk

from ckanext.maroc_law import vocabulary

from . import languages

__all__ = ["maroc_vocabularies"]

maroc_vocabularies = Blueprint("maroc_vocabularies", __name__)

FORMATS = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
}
"""By the end of the address: the media type, and the name that rdflib gives it."""


@maroc_vocabularies.route("/vocabulaires", strict_slashes=False)
def index() -> str:
    """List the vocabularies."""
    lang = languages.of_reader()
    found = [vocabulary.get(each) for each in vocabulary.ids()]
    listed = [
        {
            "id": each.id,
            "label": each.label[lang],
            "article": each.article,
            "size": len(each.items),
        }
        for each in found
    ]
    return tk.render("maroc_schema/vocabularies.html", {"vocabularies": listed})


@maroc_vocabularies.route("/vocabulaires/<id>")
def read(id: str) -> Any:  # noqa: A002 - CKAN's pages say id
    """Show a vocabulary, or give it as SKOS to who asks for that."""
    found = _found(id)
    offered = ["text/html", *(media for media, _ in FORMATS.values())]
    best = tk.request.accept_mimetypes.best_match(offered, default="text/html")
    for extension, (media, _) in FORMATS.items():
        if best == media:
            return _as_skos(found, extension)
    lang = languages.of_reader()
    other = "fr" if lang == "ar" else "ar"
    return tk.render(
        "maroc_schema/vocabulary.html",
        {
            "vocabulary": found,
            "lang": lang,
            "other": other,
            "parents": {each.slug: each.label[lang] for each in found.items},
            "formats": list(FORMATS),
        },
    )


@maroc_vocabularies.route("/vocabulaires/<id>.<extension>")
def skos(id: str, extension: str) -> Response:  # noqa: A002 - CKAN's pages say id
    """Give a vocabulary as SKOS."""
    if extension not in FORMATS:
        tk.abort(404, tk._("There is no vocabulary {id}").format(id=id))
    return _as_skos(_found(id), extension)


def graph(found: vocabulary.Vocabulary) -> Graph:
    """Return a vocabulary as a SKOS concept scheme."""
    made = Graph()
    made.bind("skos", SKOS)
    made.bind("dct", DCTERMS)
    scheme = URIRef(address(found.id))
    made.add((scheme, RDF.type, SKOS.ConceptScheme))
    made.add((scheme, DCTERMS.identifier, Literal(found.id)))
    made.add(
        (scheme, DCTERMS.issued, Literal(found.since.isoformat(), datatype=XSD.date))
    )
    for lang, text in found.label.items():
        made.add((scheme, SKOS.prefLabel, Literal(text, lang=lang)))
        made.add((scheme, DCTERMS.title, Literal(text, lang=lang)))
    if found.article:
        made.add((scheme, DCTERMS.source, Literal(found.article, lang="fr")))
    slugs = {each.slug for each in found.choices}
    for each in found.choices:
        concept = URIRef(address(found.id, each.slug))
        made.add((concept, RDF.type, SKOS.Concept))
        made.add((concept, SKOS.inScheme, scheme))
        made.add((concept, SKOS.notation, Literal(each.slug)))
        for lang, text in each.label.items():
            made.add((concept, SKOS.prefLabel, Literal(text, lang=lang)))
        for lang, text in each.note.items():
            made.add((concept, SKOS.scopeNote, Literal(text, lang=lang)))
        if each.article:
            made.add((concept, DCTERMS.source, Literal(each.article, lang="fr")))
        if each.uri:
            made.add((concept, SKOS.exactMatch, URIRef(each.uri)))
        if each.parent in slugs:
            parent = URIRef(address(found.id, each.parent))
            made.add((concept, SKOS.broader, parent))
            made.add((parent, SKOS.narrower, concept))
        else:
            made.add((concept, SKOS.topConceptOf, scheme))
            made.add((scheme, SKOS.hasTopConcept, concept))
    return made


def address(vocabulary_id: str, slug: str = "") -> str:
    """Return the address of a vocabulary, or of one of its words, in no language."""
    site = str(tk.config["ckan.site_url"]).rstrip("/")
    return f"{site}/vocabulaires/{vocabulary_id}" + (f"#{slug}" if slug else "")


def _found(vocabulary_id: str) -> vocabulary.Vocabulary:
    try:
        return vocabulary.get(vocabulary_id)
    except LookupError:
        tk.abort(404, tk._("There is no vocabulary {id}").format(id=vocabulary_id))
        raise


def _as_skos(found: vocabulary.Vocabulary, extension: str) -> Response:
    media, name = FORMATS[extension]
    text = _serialized(found.id, name, str(tk.config["ckan.site_url"]))
    answer = Response(text, content_type=f"{media}; charset=utf-8")
    answer.headers["Vary"] = "Accept"
    return answer


@cache
def _serialized(vocabulary_id: str, name: str, site_url: str) -> str:
    """Return a vocabulary as SKOS, made once: the territory takes a second."""
    return graph(vocabulary.get(vocabulary_id)).serialize(format=name)
