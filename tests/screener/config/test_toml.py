"""Lines of keys in TOML files."""

from __future__ import annotations

from screener.config.toml import parse

TEXT = b"""\xef\xbb\xbf# a comment
title = "One"  # [not a section]
"quoted key" = 1
a.b = 2

[alerts]
gap_band = [
  2.0,
  5.0,
]
[alerts.email]   # where
host = "h"
[[place]]
state = "Texas"
[[place]]
state = "Ohio"
"""


def test_each_key_has_its_line_and_an_unknown_one_that_of_its_section():
    found = parse("x.toml", TEXT)
    places = {("title",): 2, ("quoted key",): 3, ("a", "b"): 4, ("alerts",): 6, ("alerts", "gap_band"): 7,
              ("alerts", "email"): 11, ("alerts", "email", "host"): 12, ("place", 0, "state"): 14,
              ("place", 1, "state"): 16}  # fmt: skip
    assert {key: found.line(key) for key in places} == places
    assert found.line(("alerts", "email", "port")) == 11
    assert found.line(("nothing",)) is None
    assert found.table["place"][1] == {"state": "Ohio"}


def test_windows_lines_count_as_others():
    assert parse("x.toml", TEXT.replace(b"\n", b"\r\n")).lines == parse("x.toml", TEXT).lines
