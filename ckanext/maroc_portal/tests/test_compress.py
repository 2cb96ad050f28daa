"""Text travels compressed, files to keep as they are: asked of the running portal."""

from __future__ import annotations

import os

import httpx
import pytest

PORTAL = os.environ.get("TEST_PORTAL_URL", "")
STYLE = "/base/css/main.css"

pytestmark = pytest.mark.skipif(not PORTAL, reason="./portal test starts the portal")


def get(path, accept="identity", **more):
    given = {"Accept-Encoding": accept, **more}
    return httpx.get(PORTAL + path, headers=given, timeout=60)


TEXTS = [
    STYLE,
    "/base/vendor/htmx.js",
    "/dataset/",
    "/api/3/action/package_search?rows=5",
    "/catalog.ttl",
]


@pytest.mark.parametrize("accept", ["br", "gzip"])
@pytest.mark.parametrize("path", TEXTS)
def test_a_text_arrives_compressed_and_whole(path, accept):
    plain, packed = get(path), get(path, accept)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == accept
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert int(packed.headers.get("content-length", 0)) < len(plain.content)
    if path != "/dataset/":
        assert packed.content == plain.content


def test_what_is_compressed_already_is_left_alone():
    answer = get("/base/images/bg.png", "br, gzip")
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_each_form_has_its_tag_and_answers_304_to_it():
    tags = {accept: get(STYLE, accept).headers["etag"] for accept in ("identity", "br")}
    assert tags["identity"] != tags["br"]
    for accept, tag in tags.items():
        again = get(STYLE, accept, **{"If-None-Match": tag})
        assert again.status_code == 304
        assert again.content == b""


def test_a_range_counts_the_bytes_of_the_file():
    whole = get(STYLE).content
    part = get(STYLE, "br", Range="bytes=10-19")
    assert part.status_code == 206
    assert "content-encoding" not in part.headers
    assert part.content == whole[10:20]


def test_a_download_says_its_length_and_can_be_taken_up_again():
    asked = get("/api/3/action/package_search?fq=res_format:CSV&rows=1").json()
    resource = asked["result"]["results"][0]["resources"][0]
    path = httpx.URL(resource["url"]).raw_path.decode()
    answer = get(path, "br, gzip")
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert "public" in answer.headers["cache-control"]
    part = get(path, "br, gzip", Range="bytes=100-149")
    assert part.status_code == 206
    assert part.content == answer.content[100:150]
