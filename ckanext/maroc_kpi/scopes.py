"""What a figure may be of: the country, an institution, or one with all those below."""

from __future__ import annotations

from collections.abc import Mapping

COUNTRY = ""
TREE = "tree:"

Parents = Mapping[str, str | None]
"""Every institution, with the one that it belongs to."""


def members(parents: Parents) -> dict[str, list[str]]:
    """Return the institutions of each scope but the country, which has all.

    An institution that none belongs to has no tree. A circle is followed once round.

    >>> members({"a": None, "b": "a"})
    {'a': ['a'], 'b': ['b'], 'tree:a': ['a', 'b']}
    """
    below: dict[str, list[str]] = {}
    for child, parent in sorted(parents.items()):
        if parent in parents and parent != child:
            below.setdefault(str(parent), []).append(child)
    found = {each: [each] for each in sorted(parents)}
    for top in sorted(below):
        reached, left = {top}, [top]
        while left:
            for child in below.get(left.pop(), ()):
                if child not in reached:
                    reached.add(child)
                    left.append(child)
        found[TREE + top] = sorted(reached)
    return found


def split(scope: str) -> tuple[str, str]:
    """Return a scope's type and id, as the tables have them."""
    if scope.startswith(TREE):
        return "tree", scope.removeprefix(TREE)
    return ("organization" if scope else "country"), scope
