"""Frozen months: drawn up, left to the institutions, sealed, and checked by anyone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model

from ckanext.maroc_kpi import chain, compute, exports, freezing
from ckanext.maroc_kpi.cli import maroc_kpi
from ckanext.maroc_kpi.definition import indicators

from .conftest import act, execute, institution, publish, used

pytestmark = pytest.mark.usefixtures("empty")

JANUARY, FEBRUARY, MARCH = (dt.date(2030, month, 1) for month in (1, 2, 3))
# Each with the country and one institution.
A_MONTH = 2 * len(indicators())
TWO_MONTHS = f"holds from 2030-01 to 2030-02: months 2, rows {2 * A_MONTH}."
TABLES = ("maroc_kpi_month", "maroc_kpi_frozen", "maroc_kpi_draft")


@pytest.fixture
def live(day: Any):
    """Give a function that lets the portal live until a day, at noon of each given."""

    def until(*days: dt.date) -> freezing.Done:
        done = None
        for each in days:
            day(each)
            compute.refresh()
            done = freezing.freeze()
        assert done is not None
        return done

    return until


@pytest.fixture
def two_months(fes: dict[str, Any], live: Any) -> dict[str, Any]:
    """Freeze January with one download and February with three, of one institution."""
    used(fes, 1, on=dt.date(2030, 1, 20))
    live(dt.date(2030, 1, 31), dt.date(2030, 2, 1))
    used(fes, 2, on=dt.date(2030, 2, 10))
    live(dt.date(2030, 2, 28), dt.date(2030, 3, 1), dt.date(2030, 3, 16))
    return fes


def rows(sql: str) -> list[Any]:
    with model.ensure_engine().connect() as connection:
        return list(connection.execute(sa.text(sql)))


def frozen() -> list[chain.Month]:
    return list(freezing.months())


def value(month: chain.Month, indicator: str, name: str = "") -> Any:
    [row] = [
        row
        for row in month.rows
        if (row["indicator"], row["institution"]) == (indicator, name)
    ]
    return row["value"]


def needed() -> bool:
    with model.ensure_engine().connect() as connection:
        return freezing.needed(connection)


def tables() -> list[Any]:
    return [
        rows(f"SELECT to_jsonb(t) FROM {table} t ORDER BY 1::text") for table in TABLES
    ]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(maroc_kpi, list(arguments))


def test_a_month_is_drawn_up_on_the_first_and_frozen_on_the_sixteenth(
    fes: dict[str, Any], live: Any
):
    assert live(dt.date(2030, 1, 31)).drawn == ()
    done = live(dt.date(2030, 2, 1))
    assert (done.drawn, done.frozen) == ((JANUARY,), ())
    assert done.waiting == {JANUARY: dt.date(2030, 2, 16)}
    assert live(dt.date(2030, 2, 15)).frozen == ()
    assert live(dt.date(2030, 2, 16)).frozen == (JANUARY,)
    assert [month.month for month in frozen()] == ["2030-01"]


def test_a_month_that_was_drawn_up_late_is_left_fifteen_days_all_the_same(
    fes: dict[str, Any], live: Any
):
    live(dt.date(2030, 1, 10))
    done = live(dt.date(2030, 2, 12))
    assert done.waiting == {JANUARY: dt.date(2030, 2, 27)}
    live(dt.date(2030, 2, 27))
    [january] = frozen()
    assert {row["as_of"] for row in january.rows} == {"2030-01-10"}


def test_a_month_waits_until_its_last_day_is_closed(fes: dict[str, Any], day: Any):
    for each in (dt.date(2030, 1, 30), dt.date(2030, 1, 31)):
        day(each)
        compute.refresh()
    day(dt.date(2030, 2, 1))
    assert not needed()
    assert freezing.freeze().drawn == ()
    compute.refresh()
    assert needed()
    assert freezing.freeze().drawn == (JANUARY,)


def test_a_frozen_month_holds_every_scope_with_what_its_values_came_from(
    two_months: dict[str, Any],
):
    january, february = frozen()
    assert [value(month, "downloads") for month in (january, february)] == [1, 3]
    assert value(january, "downloads", "commune-fes") == 1
    [row] = [
        row
        for row in february.rows
        if (row["indicator"], row["scope"]) == ("downloads", "organization")
    ]
    assert (row["state"], row["source"], row["version"]) == ("measured", "A", 1)
    assert row["components"] == {"person": 3, "tool": 0, "robot": 0}
    assert (row["institution_ar"], row["as_of"]) == ("جماعة فاس", "2030-02-28")


def test_an_absence_is_frozen_as_what_it_is(two_months: dict[str, Any]):
    absences = [it for it in frozen()[0].rows if it["indicator"] == "open_standards"]
    assert len(absences) == 2
    for row in absences:
        assert (row["state"], row["value"]) == ("not_applicable", None)
        assert row["reason_fr"]


def test_deleting_a_dataset_and_an_institution_leaves_the_past_unchanged(
    fes: dict[str, Any], live: Any
):
    publish(fes, "parcs", "PDF")
    live(dt.date(2030, 1, 31), dt.date(2030, 2, 1))
    act("dataset_purge", id="parcs")
    act("organization_delete", id=fes["id"])
    act("organization_purge", id=fes["id"])
    live(dt.date(2030, 2, 16))
    [january] = frozen()
    assert value(january, "public_datasets") == 1
    assert value(january, "public_datasets", "commune-fes") == 1
    assert value(january, "open_standards", "commune-fes") == 0
    live(dt.date(2030, 3, 17))
    assert frozen() == [january]
    assert freezing.verify().faults == ()


def test_a_new_formula_is_another_series(two_months: dict[str, Any], live: Any):
    live(dt.date(2030, 3, 31))
    now = indicators()["public_datasets"].version
    execute(
        "UPDATE maroc_kpi_value SET version = version + 1"
        " WHERE indicator = 'public_datasets'"
    )
    live(dt.date(2030, 4, 1), dt.date(2030, 4, 16))
    versions = {
        (row["month"], row["version"])
        for month in frozen()
        for row in month.rows
        if row["indicator"] == "public_datasets"
    }
    assert versions == {("2030-01", now), ("2030-02", now), ("2030-03", now + 1)}


# Once, whole and for good


def test_freezing_again_changes_nothing(two_months: dict[str, Any]):
    before = tables()
    assert not needed()
    done = freezing.freeze()
    assert (done.drawn, done.frozen) == ((), ())
    assert tables() == before


def test_freezes_at_once_follow_one_another(
    two_months: dict[str, Any], live: Any, day: Any
):
    live(dt.date(2030, 3, 31), dt.date(2030, 4, 1))
    day(dt.date(2030, 4, 16))
    failed: list[BaseException] = []

    def freeze() -> None:
        try:
            freezing.freeze()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=freeze) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [month.month for month in frozen()] == ["2030-01", "2030-02", "2030-03"]
    assert freezing.verify().faults == ()


def test_a_freeze_that_is_cut_at_any_statement_leaves_all_or_nothing(
    fes: dict[str, Any], live: Any, day: Any
):
    live(dt.date(2030, 1, 31), dt.date(2030, 2, 1))
    day(dt.date(2030, 2, 16))
    before, engine, sent = tables(), model.ensure_engine(), 0

    class Cut(Exception):
        pass

    for stop in range(1, 100):
        count = 0

        def heard(*_: Any, stop: int = stop) -> None:
            nonlocal count
            count += 1
            if count == stop:
                raise Cut

        sa.event.listen(engine, "before_cursor_execute", heard)
        try:
            freezing.freeze()
        except Cut:
            sent = stop
        finally:
            sa.event.remove(engine, "before_cursor_execute", heard)
        if sent < stop:
            break
        assert tables() == before
    assert sent > 6
    assert [month.month for month in frozen()] == ["2030-01"]


@pytest.mark.parametrize("table", ["maroc_kpi_month", "maroc_kpi_frozen"])
@pytest.mark.parametrize(
    "sql", ["DELETE FROM {table}", "UPDATE {table} SET month = month"]
)
def test_even_the_owner_cannot_change_a_frozen_month(
    two_months: dict[str, Any], table: str, sql: str
):
    with pytest.raises(sa.exc.DBAPIError, match="a frozen month does not change"):
        execute(sql.format(table=table))


# Whoever changes a month all the same is found out


def forge(sql: str) -> None:
    """Change the tables as somebody with every right on the database could."""
    for verb in ("DISABLE", "ENABLE"):
        for table in ("maroc_kpi_month", "maroc_kpi_frozen"):
            execute(f"ALTER TABLE {table} {verb} TRIGGER append_only")
        if verb == "DISABLE":
            execute(sql)


def test_the_history_that_nobody_touched_holds(two_months: dict[str, Any]):
    told = run("verify")
    assert told.exit_code == 0
    assert TWO_MONTHS in told.output
    assert frozen()[-1].hash in told.output


@pytest.mark.parametrize(
    ("sql", "sentences"),
    [
        (
            "UPDATE maroc_kpi_frozen SET value = 9, numerator = 9"
            " WHERE month = '2030-01-01' AND indicator = 'public_datasets'"
            " AND scope_type = 'organization'",
            ["(public_datasets, commune-fes): the row is not what was"],
        ),
        (
            "DELETE FROM maroc_kpi_frozen WHERE month = '2030-02-01'"
            " AND indicator = 'downloads' AND scope_type = 'country'",
            ["2030-02: the hashes of its rows do not give the month's own."],
        ),
        (
            "UPDATE maroc_kpi_month SET previous = repeat('0', 64)"
            " WHERE month = '2030-02-01'",
            ["2030-02 does not follow 2030-01", "2030-02: the hashes of its rows"],
        ),
        (
            "DELETE FROM maroc_kpi_month WHERE month = '2030-01-01'",
            [
                "2030-02 is not the first month",
                "2030-01 has rows, and was never frozen",
            ],
        ),
    ],
)
def test_the_month_and_the_row_that_were_changed_are_named(
    two_months: dict[str, Any], sql: str, sentences: list[str]
):
    forge(sql)
    told = run("verify")
    assert told.exit_code == 1
    assert "The history is broken." in told.output
    for sentence in sentences:
        assert sentence in told.output


# Anyone checks it at home


@pytest.fixture(params=["json", "csv"])
def file(request: Any, two_months: dict[str, Any], app: Any, tmp_path: Path) -> Path:
    """Download the history."""
    path = tmp_path / f"historique.{request.param}"
    path.write_bytes(app.get(f"/indicateurs/historique.{request.param}").body.encode())
    return path


def alone(tmp_path: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as somebody who has nothing but Python."""
    script = tmp_path / "chain.py"
    script.write_bytes(Path(chain.__file__).read_bytes())
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={},
    )


def test_a_file_is_checked_without_the_portal(file: Path, tmp_path: Path):
    told = alone(tmp_path, file)
    assert (told.returncode, told.stderr) == (0, "")
    assert TWO_MONTHS in told.stdout
    assert run("verify", str(file)).output == told.stdout


def test_a_file_in_which_a_cell_was_changed_names_its_row(file: Path, tmp_path: Path):
    forged = file.read_text("utf-8").replace("جماعة فاس", "جماعة تازة", 1)
    file.write_text(forged, "utf-8", newline="")
    told = alone(tmp_path, file)
    assert told.returncode == 1
    assert "2030-01, row 2 (adoption, commune-fes): the row is not" in told.stdout
    assert len(told.stdout.splitlines()) == 2


def test_names_that_look_like_formulas_give_the_same_hashes_in_both_files(
    live: Any, tmp_path: Path
):
    institution("a-b", '=1+1 "x"', " -سطر\r\nثان")
    live(dt.date(2030, 1, 31), dt.date(2030, 2, 1), dt.date(2030, 2, 16))
    for write, name in ((exports.as_json, "h.json"), (exports.as_csv, "h.csv")):
        path = tmp_path / name
        path.write_text("".join(write(freezing.months())), "utf-8", newline="")
        found = chain.check(chain.read(path))
        assert (found.faults, found.rows) == ((), A_MONTH)
        assert found.head == frozen()[-1].hash


def test_a_part_of_the_history_says_what_was_not_looked_at(
    two_months: dict[str, Any], app: Any, tmp_path: Path
):
    path = tmp_path / "part.json"
    path.write_text(app.get("/indicateurs/historique.json?since=2030-02").body)
    told = alone(tmp_path, path).stdout
    assert "from 2030-02 to 2030-02: months 1" in told
    assert "What came before 2030-02 is not looked at." in told


@pytest.mark.parametrize(
    "content", ["{}", '{"months": 5}', "a,b\n1,2\n", "{", "\udcff"]
)
def test_what_is_no_such_file_is_refused(content: str, tmp_path: Path):
    path = tmp_path / "other"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert alone(tmp_path, path).returncode == 2
    assert "cannot be read" in run("verify", str(path)).output


def test_the_script_is_served_as_it_runs_here(app: Any):
    answer = app.get("/indicateurs/chain.py")
    assert answer.body == Path(chain.__file__).read_text("utf-8")
    assert answer.headers["Content-Type"].startswith("text/x-python")


def test_the_files_have_the_columns_that_are_documented(
    two_months: dict[str, Any], app: Any
):
    table = app.get("/indicateurs/historique.csv").body.removeprefix("\ufeff")
    header = next(csv.reader(io.StringIO(table)))
    assert header == [*chain.COLUMNS, *chain.HASHES]
    document = json.loads(app.get("/indicateurs/historique.json").body)
    assert document["columns"] == list(chain.COLUMNS)
    assert {*document["months"][0]["rows"][0]} == {*chain.COLUMNS, "row_hash"}


# The command


def test_the_command_says_what_it_did_and_when_the_rest_is_due(
    fes: dict[str, Any], live: Any, day: Any
):
    assert "No month" in run("freeze").output
    day(dt.date(2030, 1, 31))
    compute.refresh()
    day(dt.date(2030, 2, 1))
    compute.refresh()
    assert run("freeze", "2029-12").output == run("freeze", "2029-11").output
    assert run("freeze", "2030-01").output == (
        "2030-01 is drawn up for the institutions.\n"
        "2030-01 will be frozen on 2030-02-16.\n"
    )
    day(dt.date(2030, 2, 16))
    assert run("freeze").output == "2030-01 is frozen.\n"
    refused = run("freeze", "janvier")
    assert refused.exit_code == 1
    assert "write 2026-01" in refused.output
