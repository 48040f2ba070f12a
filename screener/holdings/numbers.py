"""Numbers as people and brokers write them: thousands separators, currency signs, brackets for negatives."""

from __future__ import annotations

import pandas as pd

# What stands for "nothing here".
NOTHING = frozenset({"", "-", "--", "---", "n/a", "na", "nan", "none", "not available", "unavailable", "null"})
SIGNS = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "HK$": "HKD",
    "$": "",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
}
_POINT = r"[+-]?(?:\d{1,3}(?:[, '’\u00a0\u202f]\d{3})+|\d+)?(?:\.\d+|\.)?(?:[eE][+-]?\d{1,2})?"
_COMMA = r"[+-]?(?:\d{1,3}(?:[. '’\u00a0\u202f]\d{3})+|\d+)(?:,\d+)?"


def to_numbers(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a column.

    Returns
    -------
    value : Series, float
        NaN where there is nothing or it cannot be read.
    wrong : Series, bool
        Not empty and not a number.
    currency : Series
        The currency that a sign says, such as C$; empty where none does.

    Notes
    -----
    1,234.50 unless the column can be read with a decimal comma only: one file is of one habit.
    """
    clean = texts.fillna("").str.strip()
    clean = clean.where(~clean.str.lower().isin(NOTHING), "")
    clean, currency = _without_signs(clean)
    bracketed = clean.str.fullmatch(r"\(.*\)")
    clean = clean.where(~bracketed, "-" + clean.str.slice(1, -1))
    trailing = clean.str.endswith("-") & (clean.str.len() > 1)
    clean = clean.where(~trailing, "-" + clean.str.slice(0, -1)).str.strip()
    given = clean != ""
    point = clean.str.fullmatch(_POINT) & clean.str.contains(r"\d", regex=True)
    comma = clean.str.fullmatch(_COMMA)
    by_comma = bool((given & comma & ~point).any()) and not bool((given & point & ~comma).any())
    right = given & (comma if by_comma else point)
    digits = clean.where(right, "")
    digits = digits.str.replace(r"[ '’\u00a0\u202f]", "", regex=True)
    if by_comma:
        digits = digits.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    else:
        digits = digits.str.replace(",", "", regex=False)
    value = pd.to_numeric(digits.where(right), errors="coerce").astype(float)
    return value, given & ~right, currency


def _without_signs(clean: pd.Series) -> tuple[pd.Series, pd.Series]:
    currency = pd.Series("", index=clean.index, dtype=object)
    for sign, code in SIGNS.items():
        has = clean.str.contains(sign, regex=False)
        if has.any():
            clean = clean.where(~has, clean.str.replace(sign, "", n=1, regex=False).str.strip())
            currency = currency.where(~has | (currency != ""), code)
    code = clean.str.extract(r"^(?:([A-Z]{3})\s+)?[^A-Za-z]*(?:\s+([A-Z]{3}))?$")
    code = code[0].where(code[0].notna(), code[1])
    code = code.where(code.notna(), "")
    spelled = (code != "") & clean.str.contains(r"\d", regex=True)
    if spelled.any():
        bare = clean.str.replace(r"^[A-Z]{3}\s+|\s+[A-Z]{3}$", "", regex=True)
        clean = clean.where(~spelled, bare)
        currency = currency.where(~spelled, code)
    return clean, currency
