"""What a revision changes, value by value and file by file."""

from __future__ import annotations

import pytest

from ckanext.maroc_workflow.comparison import FileFate, fields, files

ASKED = [{"field_name": name} for name in ("name", "title", "source", "theme")]


def test_what_differs_comes_first_and_what_is_empty_is_left_out():
    before = {"name": "a", "title": "Un", "source": "HCP", "theme": ""}
    after = {"name": "a--revision-1", "title": "Un", "source": "", "theme": None}
    found = [(each.name, each.is_changed) for each in fields(ASKED, before, after)]
    assert found == [("source", True), ("title", False)]


def test_of_a_new_dataset_all_that_is_said_is_new():
    found = fields(ASKED, None, {"title": "Un", "theme": ""})
    assert [(each.name, each.is_changed) for each in found] == [("title", True)]


@pytest.mark.parametrize(
    ("old", "new", "fate"),
    [
        (None, {"url": "u"}, FileFate.ADDED),
        ({"hash": "1"}, {"hash": "1"}, FileFate.SAME),
        ({"hash": "1"}, {"hash": "2"}, FileFate.REPLACED),
        ({"url": "u"}, {"url": "v"}, FileFate.REPLACED),
        (
            {"url": "https://a/1/f.csv", "url_type": "upload"},
            {"url": "https://a/2/f.csv", "url_type": "upload"},
            FileFate.SAME,
        ),
        ({"hash": "1", "name": "A"}, {"hash": "1", "name": "B"}, FileFate.DESCRIBED),
        ({"hash": "1", "name": ""}, {"hash": "1"}, FileFate.SAME),
    ],
)
def test_the_fate_of_a_file(old, new, fate):
    before = {"resources": [{"id": "public", **old}] if old else []}
    after = {"resources": [{"id": "mine", **new}]}
    [found] = files(before, after, {"mine": "public"} if old else {})
    assert found.fate == fate


def test_a_file_that_the_revision_lacks_is_removed():
    before = {"resources": [{"id": "one", "url": "u"}]}
    [found] = files(before, {"resources": []}, {})
    assert (found.fate, found.file["id"]) == (FileFate.REMOVED, "one")
