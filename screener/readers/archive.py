"""A zip of XML parts before anything reads it: whole, not encrypted, of a size to be read, without entities."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from zipfile import ZipFile, ZipInfo

from screener.errors import InputError

MOST_PARTS = 5_000
MOST_UNPACKED = 128 * 2**20  # bytes of all parts together
# Tags, end tags and attributes of all parts together: what a reader of XML makes objects of.
MOST_MARKS = 4_000_000
PIECE = 2**20
XML = (".xml", ".rels", ".vml")
DECLARED = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


def check(name: str, content: bytes, error: type[InputError] = InputError) -> io.BytesIO:
    """The content of an xlsx file as a stream, every part of it unpacked once and found to be readable.

    Raises
    ------
    InputError
        No zip, a damaged or encrypted one, or one beyond the limits above; the message names the part.
    """

    def refused(expected: str) -> InputError:
        return error.one(name, expected)

    if content[:4] != ZIP:
        raise refused(f"a workbook that can be opened, in the xlsx format; {_what(content)}")
    stream = io.BytesIO(content)
    part = ""
    try:
        with ZipFile(stream) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise refused(f"a workbook of at most {MOST_PARTS:,} parts; it has {len(parts):,}")
            unpacked = sum(one.file_size for one in parts)
            if unpacked > MOST_UNPACKED:
                raise refused(
                    f"a workbook that unpacks to at most {MOST_UNPACKED // 2**20} MB; it says {unpacked / 2**20:,.0f} MB"
                )
            marks = 0
            for one in parts:
                part = one.filename
                if one.flag_bits & 1:
                    raise refused(f"a workbook without a password; {part!r} is encrypted")
                marks += _marks(archive, one, refused)
                if marks > MOST_MARKS:
                    raise refused(
                        f"a workbook of at most {MOST_MARKS:,} XML tags and attributes; {part!r} exceeds them"
                    )
    except InputError:
        raise
    except Exception as fault:  # the standard library has no common error of damaged zips
        place = f", in the part {part!r}" if part else ""
        raise refused(f"a workbook that can be opened; it is damaged ({type(fault).__name__}{place})") from None
    stream.seek(0)
    return stream


def _marks(archive: ZipFile, part: ZipInfo, refused: Callable[[str], InputError]) -> int:
    """Tags and attributes of a part, unpacked piece by piece, its checksum proved by the way."""
    marks, last = 0, b""
    is_xml = part.filename.lower().endswith(XML)
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            if is_xml and not last and not piece.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
                raise refused(f"a workbook that can be opened; the part {part.filename!r} is no XML in UTF-8")
            if DECLARED.search(last + piece):
                raise refused(f"a workbook without declared entities; the part {part.filename!r} declares some")
            marks += piece.count(b"<") + piece.count(b"=")
            last = piece[-20:]
    return marks


def _what(content: bytes) -> str:
    """What a file is that is no zip, in words."""
    head = content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    kinds = {
        "the file is empty": not content.strip(),
        "it is an old .xls or has a password; save it as .xlsx without a password": content[:4] == OLD_OR_ENCRYPTED,
        "it is a zip without a workbook": content[:2] == b"PK",
        "it is a web page; save it from a spreadsheet as .xlsx": head.startswith((b"<!doctype html", b"<html")),
        "it is XML; save it from a spreadsheet as .xlsx": head.startswith(b"<"),
        "it is text; a CSV file ends in .csv": b"\x00" not in head and content[:1] not in (b"\xff", b"\xfe"),
    }
    return next((words for words, holds in kinds.items() if holds), "it is none; save it from a spreadsheet as .xlsx")
