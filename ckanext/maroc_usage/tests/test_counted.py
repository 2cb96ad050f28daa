"""Which request counts as what: the table, through the whole application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from .conftest import (
    Portal,
    act,
    dataset,
    file,
    institution,
    link,
    name_of,
)

pytestmark = pytest.mark.usefixtures("portal")

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request, what is answered, and what it counts as."""

    title: str
    path: str
    status: int
    counts: str | None
    about: str = ""
    """What the record names: a key of the things below."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


PAGE = "/dataset/{dataset}"
FILE = "/dataset/{dataset}/resource/{file}/download/communes.csv"
LINK = "/dataset/{dataset}/resource/{link}/download"
SEARCH = "/api/3/action/datastore_search"

CASES = (
    # The dataset's page
    Case(title="page by name", path=PAGE, status=200, counts="view", about="dataset"),
    # CKAN leads from a dataset's id to its name: one view, not two.
    Case(title="page by id", path="/dataset/{dataset_id}", status=302, counts=None),
    Case(
        title="page in Arabic",
        path=f"/ar{PAGE}",
        status=200,
        counts="view",
        about="dataset",
    ),
    Case(title="page by HEAD", path=PAGE, status=200, counts=None, method="HEAD"),
    Case(title="unknown page", path="/dataset/nothing", status=404, counts=None),
    Case(title="private page", path="/dataset/{private}", status=404, counts=None),
    Case(title="list of datasets", path="/dataset/", status=200, counts=None),
    Case(title="home page", path="/", status=200, counts=None),
    Case(
        title="page of a file",
        path="/dataset/{dataset}/resource/{file}",
        status=200,
        counts=None,
    ),
    # An uploaded file
    Case(title="file", path=FILE, status=200, counts="download", about="file"),
    Case(
        title="file with its language",
        path=f"/fr{FILE}",
        status=200,
        counts="download",
        about="file",
    ),
    Case(
        title="file under another name",
        path="/dataset/{dataset}/resource/{file}/download/other.csv",
        status=200,
        counts="download",
        about="file",
    ),
    Case(
        title="file without a name",
        path="/dataset/{dataset}/resource/{file}/download",
        status=200,
        counts="download",
        about="file",
    ),
    Case(title="file by HEAD", path=FILE, status=200, counts=None, method="HEAD"),
    Case(
        title="file not changed",
        path=FILE,
        status=304,
        counts="download",
        about="file",
        headers={"If-None-Match": "*"},
    ),
    Case(
        title="first part of a file",
        path=FILE,
        status=206,
        counts="download",
        about="file",
        headers={"Range": "bytes=0-99"},
    ),
    Case(
        title="next part of a file",
        path=FILE,
        status=206,
        counts=None,
        headers={"Range": "bytes=100-199"},
    ),
    Case(
        title="end of a file",
        path=FILE,
        status=206,
        counts=None,
        headers={"Range": "bytes=-10"},
    ),
    Case(
        title="no such part",
        path=FILE,
        status=416,
        counts=None,
        headers={"Range": "bytes=9999999-"},
    ),
    Case(
        title="unknown file",
        path="/dataset/{dataset}/resource/nothing/download",
        status=404,
        counts=None,
    ),
    # A link out of the portal
    Case(title="link", path=LINK, status=302, counts="outlink", about="link"),
    Case(title="link by HEAD", path=LINK, status=302, counts=None, method="HEAD"),
    # The DataStore
    Case(
        title="dump",
        path="/datastore/dump/{table}",
        status=200,
        counts="download",
        about="table",
    ),
    Case(
        title="dump by HEAD",
        path="/datastore/dump/{table}",
        status=200,
        counts=None,
        method="HEAD",
    ),
    Case(
        title="dump of nothing", path="/datastore/dump/nothing", status=404, counts=None
    ),
    Case(
        title="query",
        path=f"{SEARCH}?resource_id={{table}}&limit=1",
        status=200,
        counts="datastore",
        about="table",
    ),
    Case(
        title="query in JSON",
        path=SEARCH,
        status=200,
        counts="datastore",
        about="table",
        method="POST",
        headers=JSON,
        body='{{"resource_id": "{table}"}}',
    ),
    Case(
        title="query in a form",
        path=SEARCH,
        status=200,
        counts="datastore",
        about="table",
        method="POST",
        headers=FORM,
        body="resource_id={table}",
    ),
    Case(
        title="query in JSON without its type, as curl -d sends it",
        path=SEARCH,
        status=200,
        counts="datastore",
        about="table",
        method="POST",
        headers=FORM,
        body='{{"resource_id": "{table}"}}',
    ),
    Case(
        title="query of nothing",
        path=f"{SEARCH}?resource_id=nothing",
        status=404,
        counts=None,
    ),
    # The API
    Case(
        title="call",
        path="/api/3/action/package_show?id={dataset}",
        status=200,
        counts="api",
    ),
    Case(
        title="call without a version",
        path="/api/action/package_search?q=population",
        status=200,
        counts="api",
    ),
    Case(
        title="call by POST",
        path="/api/3/action/package_show",
        status=200,
        counts="api",
        method="POST",
        headers=JSON,
        body='{{"id": "{dataset}"}}',
    ),
    Case(
        title="call that fails",
        path="/api/3/action/package_show?id=nothing",
        status=404,
        counts=None,
    ),
    Case(
        title="call of no action",
        path="/api/3/action/nothing",
        status=400,
        counts=None,
    ),
    Case(
        title="call by HEAD",
        path="/api/3/action/package_show?id={dataset}",
        status=200,
        counts=None,
        method="HEAD",
    ),
    Case(
        title="a browser asking whether it may call",
        path="/api/3/action/package_show?id={dataset}",
        status=200,
        counts=None,
        method="OPTIONS",
    ),
    Case(
        title="call by a script of the portal's own page",
        path="/api/3/action/package_show?id={dataset}",
        status=200,
        counts=None,
        headers={"Sec-Fetch-Site": "same-origin"},
    ),
    # Feeds
    Case(title="feed", path="/feeds/dataset.atom", status=200, counts="feed"),
    Case(
        title="feed of an institution",
        path="/feeds/organization/{institution}.atom",
        status=200,
        counts="feed",
        about="institution",
    ),
    Case(
        title="feed by HEAD",
        path="/feeds/dataset.atom",
        status=200,
        counts=None,
        method="HEAD",
    ),
    # RDF
    Case(
        title="dataset in Turtle",
        path="/dataset/{dataset}.ttl",
        status=200,
        counts="rdf",
        about="dataset",
    ),
    Case(
        title="dataset's own address, asked for Turtle",
        path=PAGE,
        status=200,
        counts="rdf",
        about="dataset",
        headers={"Accept": "text/turtle"},
    ),
    Case(title="catalogue", path="/catalog.ttl", status=200, counts="rdf"),
    Case(
        title="home asked for Turtle",
        path="/",
        status=200,
        counts="rdf",
        headers={"Accept": "text/turtle"},
    ),
    # What is no use of data
    Case(title="a style sheet", path="/base/images/ckan.ico", status=200, counts=None),
    Case(title="about", path="/about", status=200, counts=None),
    Case(
        title="this counter's own page",
        path="/statistiques-de-frequentation",
        status=200,
        counts=None,
    ),
)


@pytest.fixture
def things() -> dict[str, str]:
    """Publish a dataset with a file, a link and a table, and keep one private."""
    owner = institution()
    public = dataset(owner, private=True)
    table = file(public, b"code,name\n1,Taza\n")
    act("maroc_workflow_submit", id=public["id"])
    return {
        "dataset": public["name"],
        "dataset_id": public["id"],
        "private": dataset(owner, private=True)["name"],
        "file": file(public)["id"],
        "link": link(public)["id"],
        "table": table["id"],
        "institution": owner["name"],
    }


def test_each_answer_counts_as_the_table_says(portal: Portal, things: dict[str, str]):
    wrong = []
    for case in CASES:
        before = len(portal.records())
        answer = portal.ask(
            case.path.format(**things),
            case.method,
            headers=dict(case.headers),
            data=case.body.format(**things) or None,
        )
        answer.close()
        new = [
            (name_of(record.kind), record.reference)
            for record in portal.records()[before:]
        ]
        expected = [(case.counts, things.get(case.about, ""))] if case.counts else []
        if (answer.status_code, new) != (case.status, expected):
            wrong.append((case.title, answer.status_code, new, expected))
    assert wrong == []
