"""The number a figure states: by hand, against decimal arithmetic, and texts that are no numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.sources.edgar.transformations import NotANumber, number
from tests.edgar_documents import Fact, shown

FORMATS = ["", "ixt:num-dot-decimal", "ixt:numdotdecimal", "ixt:num-comma-decimal", "ixt:numcommadecimal"]


@pytest.mark.parametrize(
    ("text", "shape", "scale", "sign", "expected"),
    [
        ("34,553", "num-dot-decimal", "3", "", 34_553_000.0),
        ("1,079,754", "numdotdecimal", "3", "-", -1_079_754_000.0),
        ("26.3", "num-dot-decimal", "6", "", 26_300_000.0),
        ("7.17", "num-dot-decimal", "-2", "", 0.0717),
        (".5", "num-dot-decimal", "", "", 0.5),
        (" 2500\n", "", "", "", 2500.0),
        ("1 234 567", "num-dot-decimal", "0", "", 1_234_567.0),
        ("1\u00a0234,5", "num-comma-decimal", "0", "", 1234.5),
        ("1.234.567,89", "num-comma-decimal", "0", "", 1_234_567.89),
        ("1'234'567.8", "num-dot-decimal-apos", "0", "", 1_234_567.8),
        ("12,34,567.5", "numdotdecimalin", "0", "", 1_234_567.5),
        ("1234,5", "numcomma", "0", "", 1234.5),
        ("1,234 dollars and 5 cents", "num-unit-decimal", "0", "", 1234.05),
        ("7 USD 50", "numunitdecimal", "0", "", 7.5),
        ("—", "fixed-zero", "6", "", 0.0),
        ("none at all", "fixed-zero", "0", "-", 0.0),
        ("–", "zerodash", "3", "", 0.0),
        ("-", "numdash", "", "", 0.0),
        ("fourteen", "numwordsen", "0", "", 14.0),
        ("No", "numwordsen", "3", "", 0.0),
        ("twenty-five million", "numwordsen", "", "", 25_000_000.0),
        ("two hundred and six", "numwordsen", "", "", 206.0),
        ("One Hundred Five Thousand, Two Hundred", "numwordsen", "", "", 105_200.0),
        ("a hundred", "numwordsen", "", "", 100.0),
        ("zero", "numwordsen", "", "", 0.0),
        ("None", "numwordsen", "", "", 0.0),
        ("two trillion", "numwordsen", "", "", 2e12),
        ("one hundred twenty-five", "numwordsen", "", "", 125.0),
        ("one hundred five", "numwordsen", "", "", 105.0),
        ("three billion and one", "numwordsen", "6", "-", -3_000_000_001e6),
        ("5.", "num-dot-decimal", "", "", 5.0),
        ("1,234.567 8", "num-dot-decimal", "", "", 1234.5678),
        ("7 USD 5", "numunitdecimal", "0", "", 7.05),
        ("0", "num-dot-decimal", "+3", "-", 0.0),
        ("- - -", "zero-dash", "", "", 0.0),
    ],
)
def test_a_figure_is_read_by_its_format_scale_and_sign(text, shape, scale, sign, expected):
    value = number(text, shape, scale, sign)
    assert value == expected
    assert str(value)[0] != "-" or value < 0  # no minus zero


@pytest.mark.parametrize(
    ("text", "shape", "scale", "sign"),
    [
        ("", "", "", ""),
        ("", "num-dot-decimal", "", ""),
        (".", "num-dot-decimal", "", ""),
        (",", "num-dot-decimal", "", ""),
        ("1,234", "", "", ""),  # without a format nothing groups digits
        ("-5", "", "", ""),  # the sign stands in its attribute
        ("(5)", "num-dot-decimal", "", ""),
        ("1.234.567", "num-dot-decimal", "", ""),
        ("1,234.5", "num-comma-decimal", "", ""),
        ("1e5", "num-dot-decimal", "", ""),
        ("1_000", "", "", ""),
        ("١٢", "num-dot-decimal", "", ""),
        ("nan", "", "", ""),
        ("12%", "num-dot-decimal", "", ""),
        ("5", "zerodash", "", ""),
        ("several", "numwordsen", "", ""),
        ("and", "numwordsen", "", ""),
        ("two five", "numwordsen", "", ""),
        ("thousand", "numwordsen", "", ""),
        ("one thousand two million", "numwordsen", "", ""),
        ("one thousand two thousand", "numwordsen", "", ""),
        ("twenty zero", "numwordsen", "", ""),
        ("twenty ten", "numwordsen", "", ""),
        ("eleven two", "numwordsen", "", ""),
        ("twenty-one two", "numwordsen", "", ""),
        ("hundred", "numwordsen", "", ""),
        ("one hundred hundred", "numwordsen", "", ""),
        ("a a", "numwordsen", "", ""),
        ("no five", "numwordsen", "", ""),
        ("", "numwordsen", "", ""),
        ("1.5 6", "", "", ""),
        ("7 USD", "numunitdecimal", "", ""),
        ("5", "num-fraction", "", ""),
        ("5", "num-dot-decimal", "three", ""),
        ("5", "num-dot-decimal", "9999", ""),
        ("5", "num-dot-decimal", "999", ""),  # beyond a float
        ("5", "num-dot-decimal", "0", "+"),
        ("5 dollars", "num-unit-decimal", "", ""),
    ],
)
def test_what_is_no_number_is_refused(text, shape, scale, sign):
    with pytest.raises(NotANumber):
        number(text, shape, scale, sign)


@given(
    digits=st.integers(-(10**13), 10**13),
    places=st.integers(0, 4),
    scale=st.integers(-4, 9),
    shape=st.sampled_from(FORMATS),
)
def test_a_number_written_in_any_format_scale_and_sign_comes_back(digits, places, scale, shape):
    exact = Decimal(digits).scaleb(-places)
    fact = Fact("Cash", exact.scaleb(scale), "2025-06-30", scale=scale, format=shape)
    value = number(shown(fact), shape.partition(":")[2], str(scale), "-" if digits < 0 else "")
    assert value == float(exact.scaleb(scale))


@pytest.mark.parametrize(
    ("word", "value"),
    [("zero", 0), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7), ("eight", 8),
     ("nine", 9), ("ten", 10), ("eleven", 11), ("twelve", 12), ("thirteen", 13), ("fourteen", 14), ("fifteen", 15),
     ("sixteen", 16), ("seventeen", 17), ("eighteen", 18), ("nineteen", 19), ("twenty", 20), ("thirty", 30), ("forty", 40),
     ("fifty", 50), ("sixty", 60), ("seventy", 70), ("eighty", 80), ("ninety", 90), ("one thousand", 1_000),
     ("one million", 1_000_000), ("one billion", 1_000_000_000), ("one trillion", 1_000_000_000_000)],
)  # fmt: skip
def test_each_word_of_a_number(word, value):
    assert number(word, "numwordsen") == value


ONES = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(value: int) -> str:
    """A number below a million million in English words."""
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            return f"{in_words(value // size)} {name} {in_words(value % size)}".strip()
    return ONES[value] if value < 20 else f"{TENS[value // 10]}-{ONES[value % 10]}".strip("-")


@given(value=st.integers(1, 10**12 - 1))
def test_a_number_in_words_comes_back(value):
    assert number(in_words(value), "numwordsen") == value
