"""What cannot go on, in one sentence, with the way out."""

from __future__ import annotations


class PortalError(Exception):
    """A failure that the person at the keyboard can do something about.

    ``problem`` says what is wrong, ``way_out`` what to do; ``log`` holds the last
    lines of a service that died.
    """

    def __init__(self, problem: str, way_out: str = "", log: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.way_out = way_out
        self.log = log

    def __str__(self) -> str:
        lines = [self.problem]
        if self.way_out:
            lines.append(f"  → {self.way_out}")
        if self.log:
            lines += ["  its last lines:", *(f"    {x}" for x in self.log.splitlines())]
        return "\n".join(lines)
