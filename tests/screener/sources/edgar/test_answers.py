"""What kind of answer came, at the edges of what is looked at; sizes, faults and days."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.errors import EdgarFault
from screener.sources.edgar import answers

LIMIT = b"Request Rate Threshold Exceeded"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b" \n ", "the answer is empty"),
        (LIMIT, "the SEC answered with its page about too many requests or a missing User-Agent"),
        (
            b"<html>" + b" " * 99_963 + LIMIT,
            "the SEC answered with its page about too many requests or a missing User-Agent",
        ),
        (b"<html>" + b" " * 99_964 + LIMIT, "the answer is an HTML page"),  # beyond what is looked at
        (b"x" * 1991 + b"NoSuchKey", "EDGAR has no such file (NoSuchKey)"),
        (b"x" * 1992 + b"NoSuchKey", ""),
        (b"<!DOCTYPE html><title> A  &amp;\nB </title>", 'the answer is an HTML page titled "A & B"'),
        (b"<html><title>" + b"t" * 90 + b"</title>", f'the answer is an HTML page titled "{"t" * 80}"'),
        (b"<html><title> </title>", "the answer is an HTML page"),
        (b'{"figure": 1}', ""),
    ],
)
def test_what_an_answer_is(content, kind):
    assert answers.other_kind(content) == kind


def test_the_page_of_the_limit_is_a_page_with_its_words_near_its_beginning():
    assert answers.is_limit(b"<html>" + b" " * 99_963 + LIMIT)
    assert not answers.is_limit(b"<html>" + b" " * 99_964 + LIMIT)
    assert not answers.is_limit(LIMIT)
    assert not answers.is_limit(b"<html></html>")


def test_the_largest_answer_is_read_and_a_larger_one_is_not():
    answers.check_size(bytes(64_000_000), "report")
    with pytest.raises(EdgarFault, match=r"^report: 65 MB is more than the 64 MB that are read"):
        answers.check_size(bytes(65_000_000), "report")
    with pytest.raises(EdgarFault):
        answers.check_size(bytes(64_000_001), "report")


def test_of_many_faults_fifty_are_listed():
    faults = [f"fault {number}" for number in range(1052)]
    assert answers.listed([]) == ()
    assert answers.listed(faults[:50]) == tuple(faults[:50])
    assert answers.listed(faults[:51]) == (*faults[:50], "and 1 more")
    assert answers.listed(faults) == (*faults[:50], "and 1,002 more")


def test_days_between_1900_and_2199_are_read_and_nothing_else():
    told = ["2025-08-07", "1900-01-01", "1899-12-31", "2199-12-31", "2200-01-01", "7 August", "", None, 5, "2025-08-07"]
    day = pd.Timestamp("2025-08-07")
    assert [None if pd.isna(one) else one for one in answers.days(told)] == [
        day, pd.Timestamp("1900-01-01"), None, pd.Timestamp("2199-12-31"), None, None, None, None, None, day,
    ]  # fmt: skip
    assert answers.days([]).tolist() == []
    assert str(answers.days([]).dtype) == str(answers.days(told).dtype) == "datetime64[ns]"
