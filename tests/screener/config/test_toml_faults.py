"""Every fault of a TOML file is a problem with its line, and exit code 2; settings that no run can use are told as well."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from screener.config import toml
from screener.errors import AssumptionsError, InputError

GOOD = b'# one\ntitle = "A"\n'


@dataclass(frozen=True)
class Case:
    """A fault, what is told of it, the lines after two good ones, and the line that is named."""

    id: str
    fault: str
    outcome: str
    content: bytes
    told: str
    line: int | None = 3


WHOLE = "Its line is named; nothing of the file is used"
CASES = [
    Case("no value", "a key without a value", WHOLE, b"a =\n", "Invalid value"),
    Case("open text", "a text without its closing quote", WHOLE, b'a = "x\n', "Illegal character"),
    Case("open list", "a list without its end", WHOLE, b"a = [1,\n", "expected valid TOML", 4),
    Case("twice", "a key that stands twice", WHOLE, b"a = 1\na = 2\n", "Cannot overwrite", 4),
    Case("section twice", "a section that stands twice", WHOLE, b"[a]\n[a]\n", "Cannot declare", 4),
    Case("both", "a key that is a number and a section", WHOLE, b"a = 1\n[a.b]\n", "Cannot overwrite", 4),
    Case("bare", "a text without quotes", WHOLE, b"a = hello\n", "Invalid value"),
    Case("ini", "an INI file", WHOLE, b"a: 1\n", "expected valid TOML"),
    Case("json", "a JSON file", WHOLE, b'{"a": 1}\n', "Invalid statement"),
    Case("nul", "a NUL", WHOLE, b"a = 1\x00\n", "expected valid TOML"),
    Case("escape", "a control character in a text", WHOLE, b'a = "\x1b[31m"\n', "Illegal character"),
    Case("surrogate", "half a character", WHOLE, b'a = "\\ud800"\n', "not a Unicode scalar value"),
    Case("latin", "Latin-1", WHOLE, b'a = "caf\xe9"\n', "'utf-8' codec can't decode byte 0xe9"),
    Case("month", "a thirteenth month", WHOLE, b"a = 2026-13-01\n", "expected valid TOML"),
    Case("day", "the 30th of February", WHOLE, b"a = 2026-02-30\n", "Invalid date or datetime"),
    Case("hour", "the 25th hour", WHOLE, b"a = 25:00:00\n", "expected valid TOML"),
    Case("offset", "a time zone of 24 hours", WHOLE, b"a = 2026-01-01T00:00:00+24:00\n", "expected valid TOML"),
    Case(
        "year 1",
        "a date in the year 1",
        WHOLE,
        b"a = 0001-01-01\n",
        "a '0001-01-01': expected a date from 1900 to 2200",
    ),
    Case("year 9999", "a date in the year 9999", WHOLE, b"a = 9999-12-31T00:00:00Z\n", "expected a date from 1900"),
    Case("infinite", "infinity", WHOLE, b"a = -inf\n", "a '-inf': expected a finite number"),
    Case("nan", "no number (nan)", WHOLE, b"[s]\na = nan\n", "s.a 'nan': expected a finite number", 4),
    Case("beyond", "a number beyond a double", WHOLE, b"a = [1.0, 1e999]\n", "a.1 'inf': expected a finite number"),
    Case("digits", "a number of 5,000 digits", WHOLE, b"a = " + b"9" * 5_000, "whole numbers of at most 63 bits"),
    Case("hex digits", "a hexadecimal number of 50,000 digits", WHOLE, b"a = 0x" + b"f" * 50_000, "at most 63 bits"),
    Case(
        "63 bits", "a whole number of 64 bits", WHOLE, b"a = 9223372036854775808\n", "a whole number of at most 63 bits"
    ),
    Case("lists", "lists ten thousand deep", WHOLE, b"a = " + b"[" * 10_000, "nested at most 32 deep"),
    Case("tables", "tables ten thousand deep", WHOLE, b"a = " + b"{a = " * 10_000, "nested at most 32 deep"),
    Case("closed lists", "lists forty deep", WHOLE, b"a = " + b"[" * 40 + b"]" * 40, "nested at most 32 deep"),
    Case("parts", "a key of ten thousand parts", WHOLE, b"a." * 10_000 + b"a = 1\n", "keys of at most 32 parts"),
    Case(
        "section parts", "a section of ten thousand parts", WHOLE, b"[" + b"a." * 10_000 + b"a]\n", "at most 32 parts"
    ),
    Case("spaced parts", "the same with blanks and quotes", WHOLE, b'"a" . ' * 5_000 + b"a = 1\n", "at most 32 parts"),
    Case("inner parts", "the same within a table", WHOLE, b"x = {" + b"a." * 5_000 + b"a = 1}\n", "at most 32 parts"),
    Case("line", "a line of 200,000 characters", WHOLE, b'a = "' + b"x" * 200_000 + b'"\n', "lines of at most 100,000"),
    Case("large", "a file of 2 MB", "Refused before it is read", b"# x\n" * 2**19, "a file of at most 1 MB", None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_of_a_toml_file_is_told_with_its_line(tmp_path, case):
    path = tmp_path / "mine.toml"
    path.write_bytes(GOOD + case.content)
    with pytest.raises(AssumptionsError) as raised:
        toml.read(path, AssumptionsError)
    assert case.told in str(raised.value)
    assert raised.value.problems[0].line == case.line
    assert len(str(raised.value)) < 700


def test_utf_16_is_named():
    with pytest.raises(InputError, match="this is UTF-16, save it as UTF-8"):
        toml.parse("x.toml", "a = 1".encode("utf-16"))


def test_every_value_that_is_no_setting_is_told_in_the_order_of_the_lines():
    with pytest.raises(InputError) as raised:
        toml.parse("x.toml", b"b = inf\n[s]\na = nan\nc = 0001-01-01\n")
    assert [(problem.line, problem.column) for problem in raised.value.problems] == [(1, "b"), (3, "s.a"), (4, "s.c")]


def test_what_is_at_the_limit_is_read():
    deepest = b"a = " + b"[" * (toml.MOST_DEPTH - 1) + b"]" * (toml.MOST_DEPTH - 1)
    assert toml.parse("x.toml", deepest).table["a"]
    parts = ".".join("a" * toml.MOST_DEPTH).encode()
    assert toml.parse("x.toml", b'text = "' + b"a." * 500 + b'"\nnumbers = [' + b"0.5, " * 500 + b"]\n").table[
        "numbers"
    ]
    with pytest.raises(InputError, match="nested at most 32 deep"):
        toml.parse("x.toml", parts + b" = [1]")
    assert toml.parse("x.toml", b"a = 9223372036854775807\nb = -9223372036854775807\n").table["a"] == 2**63 - 1
    assert toml.parse("x.toml", b"a = 1900-01-01\nb = 2200-12-31\n").table["b"].year == 2200


def test_lines_are_those_of_an_editor():
    """Not of `str.splitlines`, which ends a line at further characters too."""
    assert toml.parse("x.toml", "# a\u2028b\x85c\nkey = 1\n".encode()).line(("key",)) == 2
