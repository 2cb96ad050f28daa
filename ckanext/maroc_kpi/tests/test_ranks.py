"""Ranks: rates alone, among institutions of one kind, or the reason why none."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from ckanext.maroc_kpi import compute, ranks
from ckanext.maroc_kpi.definition import indicators
from ckanext.maroc_kpi.ranks import Rank, Standing
from ckanext.maroc_kpi.value import Value
from ckanext.maroc_kpi.words import LANGS

from .conftest import act, execute, institution, shown

KIND = "collectivite-territoriale"


def rate(numerator: int, denominator: int = 100, **more: Any) -> Value:
    return Value(
        **{
            "indicator": "open_standards",
            "version": 2,
            "state": "measured",
            "value": round(100 * numerator / denominator, 2),
            "numerator": numerator,
            "denominator": denominator,
            **more,
        }
    )


def stand(
    values: dict[str, Value], of: str = "a", name: str = "open_standards"
) -> Standing:
    return ranks.standing(indicators()[name], of, KIND, values)


def test_the_highest_rate_is_first_and_the_median_is_the_group_s():
    values = {"a": rate(90), "b": rate(50), "c": rate(20), "d": rate(10)}
    found = {each: stand(values, each) for each in values}
    assert [found[each].rank for each in "abcd"] == [
        Rank(place=place, of=4) for place in (1, 2, 3, 4)
    ]
    assert {each.median for each in found.values()} == {35}
    assert {each.reason for each in found.values()} == {None}


def test_equals_share_a_place_and_the_next_is_after_all_of_them():
    # One third and a hundred of three hundred are the same; 0.3333 is not.
    values = {
        "a": rate(10, 30),
        "b": rate(100, 300),
        "c": rate(3333, 10_000),
        "d": rate(12, 12),
    }
    places = {each: stand(values, each).rank for each in values}
    assert places == {
        "d": Rank(place=1, of=4),
        "a": Rank(place=2, of=4),
        "b": Rank(place=2, of=4),
        "c": Rank(place=4, of=4),
    }


def absent(state: Any) -> Value:
    return Value(indicator="open_standards", version=2, state=state)


@pytest.mark.parametrize(
    ("mine", "reason"),
    [
        (rate(9, 9), "porte sur 9"),
        (absent("not_measured"), "pas ici de valeur"),
        (absent("suppressed"), "pas ici de valeur"),
        (absent("not_applicable"), "pas ici de valeur"),
        (rate(90, state="partial", low=90, high=95), "échappe à la mesure"),
        (rate(90, entry={"source": "Enquête"}), "venue de l’extérieur"),
        (rate(90, state="declared"), "comparables de même nature : 0"),
        (rate(90, version=1), "comparables de même nature : 0"),
        (None, "pas ici de valeur"),
    ],
)
def test_what_cannot_be_compared_has_no_rank_and_a_reason(
    mine: Value | None, reason: str
):
    values = {"b": rate(50), "c": rate(20), "d": rate(10)}
    if mine:
        values["a"] = mine
    found = stand(values)
    assert found.rank is None
    assert found.reason is not None
    assert reason in found.reason["fr"]
    assert set(found.reason) == set(LANGS)
    # Nor is it in the way of the others: two peers are too few.
    other = stand(values, "b")
    assert other.rank is None
    assert other.reason is not None
    assert "2" in other.reason["fr"]


def test_the_median_is_told_to_who_has_no_rank_too():
    values = {"a": rate(3, 5), "b": rate(50), "c": rate(20), "d": rate(10)}
    found = stand(values)
    assert (found.rank, found.median) == (None, 20)
    told = ranks.sentence(found, "Collectivité", "fr")
    assert told == (
        "Sans rang. Le taux porte sur 5 ; il en faut 10 pour un rang."
        " Médiane des institutions de même nature (Collectivité) : 20\u00a0%."
    )


def test_declared_rates_are_ranked_among_themselves():
    values = {
        each: rate(n, state="declared", version=1)
        for each, n in zip("abcd", (10, 20, 30, 40), strict=True)
    }
    values["e"] = rate(99, version=1)
    found = stand(values, name="clarity_of_roles")
    assert found.rank == Rank(place=4, of=4)
    assert stand(values, "e", name="clarity_of_roles").rank is None


def test_a_count_gives_no_rank():
    values = {each: rate(50) for each in "abcd"}
    assert stand(values, name="public_datasets") == Standing(reason=ranks.COUNT)


def test_who_says_no_kind_has_no_peers():
    found = ranks.standing(indicators()["open_standards"], "a", None, {"a": rate(1)})
    assert found == Standing(reason=ranks.NO_KIND)


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"),
        st.tuples(st.integers(0, 40), st.integers(8, 40)).filter(
            lambda it: it[0] <= it[1]
        ),
        min_size=1,
    )
)
def test_places_are_those_of_a_sorted_list(drawn: dict[str, tuple[int, int]]):
    values = {each: rate(*numbers) for each, numbers in drawn.items()}
    able = {each: n / of for each, (n, of) in drawn.items() if of >= 10}
    order = sorted(able.values(), reverse=True)
    for each in values:
        found = stand(values, each)
        if each not in able or len(able) < 4:
            assert found.rank is None
        else:
            place = order.index(able[each]) + 1
            assert found.rank == Rank(place=place, of=len(able))


# On the portal


@pytest.fixture
def communes(empty: None) -> list[dict[str, Any]]:
    """Five communes and a ministry, with rates as a refresh writes them."""
    made = [institution(f"commune-{n}", f"Commune {n}", f"جماعة {n}") for n in range(5)]
    ministry = act(
        "organization_create",
        name="ministere",
        title_translated={"fr": "Ministère", "ar": "وزارة"},
        body_kind="administration-publique",
    )
    compute.refresh()
    rates = [(30, 40), (20, 40), (20, 40), (1, 40), (9, 9), (40, 40)]
    for each, (numerator, denominator) in zip([*made, ministry], rates, strict=True):
        execute(
            """
            UPDATE maroc_kpi_value SET state = 'measured', reason = NULL,
                value = 100.0 * :numerator / :denominator, n = :denominator,
                numerator = :numerator, denominator = :denominator
            WHERE scope_id = :id AND indicator = 'open_standards'
            """,
            id=each["id"],
            numerator=numerator,
            denominator=denominator,
        )
    return made


def test_the_api_tells_an_institution_s_place_among_its_kind(
    communes: list[dict[str, Any]],
):
    places = [shown("open_standards", each["name"])["rank"] for each in communes]
    assert [each and (each["place"], each["of"]) for each in places] == [
        (1, 4),
        (2, 4),
        (2, 4),
        (4, 4),
        None,
    ]
    assert places[0]["group"]["kind"] == KIND
    assert set(places[0]["group"]["label"]) == set(LANGS)
    few = shown("open_standards", "commune-4")
    assert (few["rank"], few["peer_median"]) == (None, 50)
    assert "9" in few["rank_reason"]["en"]
    alone = shown("open_standards", "ministere")
    assert (alone["rank"], alone["peer_median"]) == (None, None)
    assert alone["rank_reason"]["fr"].startswith("Institutions comparables")
    country = shown("open_standards")
    assert country["rank"] is None
    assert country["rank_reason"] == ranks.NO_INSTITUTION
    listed = act("maroc_kpi_list", institution="commune-0")
    assert shown("open_standards", "commune-0") in listed


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("/fr", "Rang 2 sur 4, parmi les institutions de même nature"),
        ("/ar", "الرتبة 2 من أصل 4 بين المؤسسات من الطبيعة نفسها"),
        ("/en", "Rank 2 of 4 among institutions of the same kind"),
    ],
)
def test_the_institution_s_page_has_a_line_for_its_place(
    app: Any, communes: list[dict[str, Any]], prefix: str, told: str
):
    answer = app.get(f"{prefix}/organization/commune-1/tableau-de-bord")
    page = BeautifulSoup(answer.body, "html.parser")
    line = page.select_one("#kpi-open_standards .kpi-standing")
    assert line is not None
    assert line.get_text().startswith(told)
    assert page.select_one("#kpi-public_datasets .kpi-standing") is None
