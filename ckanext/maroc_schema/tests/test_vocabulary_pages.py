"""Each vocabulary is a page for people and SKOS for programs."""

from __future__ import annotations

import html

import pytest
from rdflib import RDF, SKOS, Graph, Literal, URIRef

from ckanext.maroc_law import vocabulary
from ckanext.maroc_schema import vocabulary_pages

FORMATS = [("ttl", "turtle"), ("jsonld", "json-ld")]
SMALL = [each for each in vocabulary.ids() if len(vocabulary.vocabulary(each)) < 100]


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
def test_all_are_listed(app, lang):
    body = html.unescape(app.get(f"/{lang}/vocabulaires").body)
    for each in vocabulary.ids():
        assert f"/vocabulaires/{each}" in body
        assert vocabulary.get(each).label[lang] in body


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
@pytest.mark.parametrize("name", vocabulary.ids())
def test_a_page_shows_every_word_with_its_code(app, name, lang):
    body = app.get(f"/{lang}/vocabulaires/{name}").body
    for each in vocabulary.get(name).choices[:200]:
        assert f'id="{each.slug}"' in body
        assert f"<code>{each.slug}</code>" in body


@pytest.mark.parametrize(("extension", "name"), FORMATS)
@pytest.mark.parametrize("each", SMALL)
def test_every_word_is_a_concept_in_three_languages(app, each, extension, name):
    answer = app.get(f"/vocabulaires/{each}.{extension}")
    read = Graph().parse(data=answer.body, format=name)
    scheme = URIRef(vocabulary_pages.address(each))
    assert (scheme, RDF.type, SKOS.ConceptScheme) in read
    choices = vocabulary.get(each).choices
    assert len(set(read.subjects(RDF.type, SKOS.Concept))) == len(choices)
    for item in choices:
        concept = URIRef(vocabulary_pages.address(each, item.slug))
        for lang, text in item.label.items():
            assert (concept, SKOS.prefLabel, Literal(text, lang=lang)) in read


def test_the_territory_is_a_tree(app):
    read = Graph().parse(data=app.get("/vocabulaires/territory.ttl").body)
    fes, prefecture = (
        URIRef(vocabulary_pages.address("territory", code))
        for code in ("03.231.01.0", "03.231")
    )
    assert (fes, SKOS.broader, prefecture) in read
    assert (prefecture, SKOS.narrower, fes) in read
    tops = list(read.subjects(SKOS.topConceptOf, None))
    assert tops == [URIRef(vocabulary_pages.address("territory", "MA"))]


@pytest.mark.parametrize(
    ("accept", "got"),
    [
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("text/html,application/xhtml+xml", "text/html"),
        ("*/*", "text/html"),
    ],
)
def test_who_follows_the_address_of_a_word_gets_what_they_read(app, accept, got):
    answer = app.get("/vocabulaires/themes", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(got)


def test_a_vocabulary_that_is_not_there_is_said_so(app):
    for path in ("/vocabulaires/rien", "/vocabulaires/rien.ttl"):
        assert app.get(path, status=404).status_code == 404
