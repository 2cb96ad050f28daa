"""What a reader asks of a table by the address of the page: search, order, page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

PAGE = 100
"""Rows of a page of the preview."""
LONGEST = 200
"""Letters of a search."""
WORDS = 10


@dataclass(frozen=True, kw_only=True)
class Question:
    """A search, an order and a page, each of them valid."""

    q: str = ""
    sort: str = ""
    """A column's identifier; empty for the order of the file."""
    descending: bool = False
    page: int = 1

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * PAGE

    def params(self, **changes: str | int) -> dict[str, str]:
        """Return the address's parameters with some changed; defaults are left out."""
        now = {
            "q": self.q,
            "sort": self.sort,
            "order": "desc" if self.descending else "",
            "page": self.page,
        } | changes
        return {
            name: str(value)
            for name, value in now.items()
            if value and (name, value) != ("page", 1)
        }

    def order_of(self, column: str) -> str:
        """Return ``aria-sort`` of a column."""
        if column != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"

    def sorted_by(self, column: str) -> dict[str, str]:
        """Return the parameters that sort by a column, or turn its order round."""
        turn = self.sort == column and not self.descending
        return self.params(sort=column, order="desc" if turn else "", page=1)


def question_of(args: Mapping[str, str], columns: Collection[str]) -> Question:
    """Read a question from an address; what makes no sense is left out."""
    sort = args.get("sort", "")
    known = sort in columns
    return Question(
        q=" ".join(_visible(args.get("q", ""))[:LONGEST].split()),
        sort=sort if known else "",
        descending=known and args.get("order") == "desc",
        page=_page(args.get("page", "")),
    )


def _page(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8:
        return max(1, int(text))
    return 1


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def words_of(q: str) -> str:
    """Return a search for PostgreSQL's ``to_tsquery``: every word, as a prefix."""
    words = [
        word.replace("\\", "\\\\").replace("'", "''") for word in q.split()[:WORDS]
    ]
    return " & ".join(f"'{word}':*" for word in words)


def pages_of(total: int) -> int:
    """Return how many pages hold so many rows; an empty table has one."""
    return max(1, ceil(total / PAGE))
