"""What is counted: the kinds of use, and which answer of the portal is which.

A request has one kind or none, so kinds may be added up. The table follows COUNTER's
Code of Practice for Research Data: answers 200 and 304 count, HEAD never does, a range
does when it begins at byte 0 (a download in sixteen parts is one download). COUNTER
does not know redirects: a link that leads out of the portal is a kind of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Subject = Literal["resource", "dataset", "organization", ""]

# What a use is about has a letter too, in records.
SUBJECT_CODES: Mapping[Subject, str] = {
    "resource": "r",
    "dataset": "d",
    "organization": "o",
    "": " ",
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of use."""

    name: str
    code: str
    """One letter, in records and in the table of events."""
    double_click: bool
    """Whether two by one visitor within 30 s are one: for what a person clicks, not for
    requests that differ in what they ask."""
    investigation: bool = False
    """Whether COUNTER calls it an investigation: a look at a dataset, or its data."""


VIEW = Kind(name="view", code="v", double_click=True, investigation=True)
DOWNLOAD = Kind(name="download", code="d", double_click=True, investigation=True)
OUTLINK = Kind(name="outlink", code="o", double_click=True)
DATASTORE = Kind(name="datastore", code="q", double_click=False)
API = Kind(name="api", code="a", double_click=False)
FEED = Kind(name="feed", code="f", double_click=False)
RDF = Kind(name="rdf", code="r", double_click=True, investigation=True)
KINDS = (VIEW, DOWNLOAD, OUTLINK, DATASTORE, API, FEED, RDF)

COMPLETE = frozenset({200, 304})
PARTIAL = 206


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An answer that counts: from which endpoint, with which status, about what."""

    kind: Kind
    subject: Subject = ""
    argument: str = ""
    """The argument of the endpoint that names the subject, by id or by name."""
    statuses: frozenset[int] = COMPLETE
    html: bool | None = None
    """Whether the answer must (or must not) be a page; None: either."""
    methods: frozenset[str] = frozenset({"GET"})


_BOTH = frozenset({"GET", "POST"})
_DOWNLOAD = (
    Rule(
        kind=DOWNLOAD,
        subject="resource",
        argument="resource_id",
        statuses=COMPLETE | {PARTIAL},
    ),
    Rule(
        kind=OUTLINK,
        subject="resource",
        argument="resource_id",
        statuses=frozenset({302}),
    ),
)
_FEED = (Rule(kind=FEED),)

# The dataset's address serves the page or, to those who ask for it, its RDF.
RULES: Mapping[str, tuple[Rule, ...]] = {
    "dataset.read": (Rule(kind=VIEW, subject="dataset", argument="id", html=True),),
    "dcat.read_dataset": (
        Rule(kind=VIEW, subject="dataset", argument="_id", html=True),
        Rule(kind=RDF, subject="dataset", argument="_id", html=False),
    ),
    "dcat.read_dataset_series": (
        Rule(kind=RDF, subject="dataset", argument="_id", html=False),
    ),
    "dcat.read_catalog": (Rule(kind=RDF, html=False),),
    "dcat_json_interface.dcat_json": (Rule(kind=RDF, html=False),),
    "croissant.read_dataset_croissant": (
        Rule(kind=RDF, subject="dataset", argument="_id", html=False),
    ),
    "resource.download": _DOWNLOAD,
    "dataset_resource.download": _DOWNLOAD,
    "datastore.dump": (
        Rule(kind=DOWNLOAD, subject="resource", argument="resource_id"),
    ),
    "api.action": (Rule(kind=API, methods=_BOTH),),
    "feeds.general": _FEED,
    "feeds.custom": _FEED,
    "feeds.tag": _FEED,
    "feeds.group": _FEED,
    "feeds.organization": (Rule(kind=FEED, subject="organization", argument="id"),),
}

# A query of the DataStore is an API call about a resource, named in what it asks.
DATASTORE_ACTION = "datastore_search"
DATASTORE_RULE = Rule(
    kind=DATASTORE, subject="resource", argument="resource_id", methods=_BOTH
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the decision needs to know of a request and of what was answered."""

    endpoint: str | None
    method: str
    status: int
    html: bool
    action: str = ""
    """The name of the action, for the API."""
    content_range: str = ""
    own_page: bool = False
    """Whether a page of the portal asked by itself, by its script."""


def rule_for(answer: Answer) -> Rule | None:
    """Return the rule by which an answer counts, or None."""
    if answer.endpoint not in RULES:
        return None
    rules = RULES[answer.endpoint]  # pyright: ignore[reportArgumentType]
    if answer.endpoint == "api.action":
        # What a page asks for itself belongs to the page that was counted.
        if answer.own_page:
            return None
        if answer.action == DATASTORE_ACTION:
            rules = (DATASTORE_RULE,)
    for rule in rules:
        if (
            answer.method in rule.methods
            and answer.status in rule.statuses
            and (rule.html is None or rule.html == answer.html)
            and (answer.status != PARTIAL or from_the_start(answer.content_range))
        ):
            return rule
    return None


def from_the_start(content_range: str) -> bool:
    """Whether a Content-Range header names a part that begins at byte 0."""
    return content_range.replace(" ", "").startswith("bytes0-")
