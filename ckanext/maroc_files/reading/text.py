"""CSV files as people really save them: which encoding, which delimiter."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from ckanext.maroc_files.errors import CannotLoad

DELIMITERS = (",", ";", "\t", "|")
CHUNK = 1 << 20
SAMPLE = 1 << 16
CELL = 1 << 20
"""The longest cell, in characters: PostgreSQL indexes no longer text."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})
_SIGNATURES = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"PAR1",
    b"SQLite format 3",
)
_MARKUP = re.compile(
    r"\s*<(?:!doctype|html|head|body|table|\?xml|svg)\b", re.IGNORECASE
)
# Excel writes this line above the header, for itself.
_SEP = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)

# The two Windows code pages share the small French letters. A byte that is an Arabic
# letter in one and a French capital in the other has Arabic neighbours in an Arabic
# word, and Latin ones in a French word.
_ARABIC = "\u0621-\u064a\u067e\u0679\u0686\u0688\u0691\u0698\u06a9\u06af\u06ba-\u06d2"
_ARABIC_PAIR = re.compile(f"[{_ARABIC}][{_ARABIC}]")
_ARABIC_IN_LATIN = re.compile(
    f"(?:[A-Za-z][{_ARABIC}]|[{_ARABIC}][A-Za-zàâçèéêëîïôùûüœ])"
)


def encoding_of(stream: BinaryIO) -> str:
    """Return the name of the encoding of a text file; refuse what is no text.

    The whole file is decoded, so that reading it later cannot fail half-way.
    """
    stream.seek(0)
    head = stream.read(SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            if not _decodes(stream, name):
                raise CannotLoad("unreadable")
            return name
    if head.startswith(_SIGNATURES):
        raise CannotLoad("not_a_table")
    if b"\0" in head:
        name = _wide(head)
        if name and _decodes(stream, name):
            return name
        raise CannotLoad("not_a_table")
    if _decodes(stream, "utf-8"):
        return "utf-8"
    return _windows(stream)


def _wide(head: bytes) -> str | None:
    """Return UTF-16 without its mark: its commas and line ends have an empty half."""
    even, odd = head[0::2], head[1::2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        text = head.decode(name, errors="replace")
        if high.count(0) > low.count(0) and not any(map(_is_no_text, text)):
            return name
    return None


def _is_no_text(sign: str) -> bool:
    """Whether no text has the sign: bytes of another kind give many such."""
    return sign not in "\t\r\n" and unicodedata.category(sign) in _NO_TEXT


def _decodes(stream: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    stream.seek(0)
    try:
        while chunk := stream.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _windows(stream: BinaryIO) -> str:
    arabic = latin = 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        if b"\0" in chunk:
            raise CannotLoad("not_a_table")
        text = chunk.decode("cp1256")
        arabic += len(_ARABIC_PAIR.findall(text))
        latin += len(_ARABIC_IN_LATIN.findall(text))
    if arabic > latin:
        return "cp1256"
    return "cp1252" if _decodes(stream, "cp1252") else "cp1256"


def delimiter_of(sample: str, *, whole: bool) -> str:
    """Return the delimiter under which most lines have one and the same width.

    :param sample: the beginning of the text
    :param whole: whether that is all of it
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter, whole=whole)
        if not widths:
            continue
        width, lines = max(widths.items(), key=lambda each: (each[1], each[0]))
        if width > 1:
            score = (lines / sum(widths.values()), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str, *, whole: bool) -> Counter[int]:
    """Count the lines of each width; none where the quotes do not fit."""
    found: Counter[int] = Counter()
    reader = csv.reader(
        io.StringIO(sample, newline=""), delimiter=delimiter, strict=True
    )
    try:
        for row in reader:
            if any(row):
                found[len(row)] += 1
    except csv.Error as error:
        # A cut sample ends inside a cell; anything else rules the delimiter out.
        if whole or "unexpected end of data" not in str(error):
            return Counter()
    return found


def rows(stream: BinaryIO, about: dict[str, object]) -> Iterator[list[str]]:
    """Yield the rows of a text file, cell by cell as they were written.

    ``about`` learns the encoding and the delimiter.
    """
    encoding = encoding_of(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    sample = text.read(SAMPLE)
    if not sample.strip():
        raise CannotLoad("empty")
    if _MARKUP.match(sample):
        raise CannotLoad("markup")
    told = _SEP.match(sample)
    delimiter = told[1] if told else delimiter_of(sample, whole=len(sample) < SAMPLE)
    about |= {"encoding": encoding, "delimiter": delimiter}
    text.seek(0)
    if told:
        text.readline()
    csv.field_size_limit(CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any("\0" in cell for cell in row):
                raise CannotLoad("not_a_table")
            yield row
    except csv.Error as error:
        code = "cell_too_long" if "field limit" in str(error) else "malformed"
        raise CannotLoad(code, line=reader.line_num) from error
