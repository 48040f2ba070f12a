"""An override: one input of a run that a person replaced, and what a run made of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import pandas as pd

from screener.universes.items import CAPACITY_ITEMS, FINANCIAL_ITEMS
from screener.universes.schema import DATE, FILES, Column
from valuation.assumptions import BOUNDS, Assumptions, Bridge, checked
from valuation.errors import InvalidInput
from valuation.groups import RULES
from valuation.metrics import METRICS
from valuation.replaceable import ASSUMPTION, CONTRACT, FACT, INSTRUMENT, MARKET, RULE, SETTINGS, SWITCH, UNIT

Value: TypeAlias = "float | pd.Timestamp | None"
# What is unknown, as a person writes it in a cell; an item that is not reported is unknown too.
UNKNOWN, NOT_REPORTED = "n/a", "n.r."
MARKET_ITEMS = ("btc_usd", "network_eh_per_s", "reward_btc_per_day")
FLAGS = ("operating_includes_hosted",)
PRICE = "price_usd"
MOST_MW = 1e5
LEAST = 1e-9
# Columns of contracts.csv in percent, which sheets and valuation hold as fractions.
IN_PERCENT = ("escalator", "noi_margin", "owner_share")
NUMBER_OF_ITEMS = FINANCIAL_ITEMS | CAPACITY_ITEMS


@dataclass(frozen=True)
class Override:
    """One input that a person replaced.

    Attributes
    ----------
    cell, meaning : str
        Where it was changed (`EV bridge!S7`), and what the cell is, in words with its unit.
    what, subject, item : str
        What a run takes: see `exports.workbook.writer.input_register.Meaning`.
    scale : float
        What the run's figure is divided by on the sheet.
    old, new : float, Timestamp or None
        In the unit of the sheet, before and after; None unknown.
    as_of : Timestamp
        The date of the run that wrote the workbook: earlier dates do not know the override.
    by, when, why : str
        Who changed it, the day (YYYY-MM-DD) on which it was read back, and the reason given.
    """

    cell: str
    meaning: str
    what: str
    subject: str
    item: str
    scale: float
    old: Value
    new: Value
    as_of: pd.Timestamp
    by: str = ""
    when: str = ""
    why: str = ""

    @property
    def is_setting(self) -> bool:
        """Whether it is an assumption, a switch or the threshold of the group rule."""
        return self.what in SETTINGS

    @property
    def value(self) -> Any:
        """The new figure in the unit of a run; NaN unknown."""
        return _in_run(self.new, self.scale)

    @property
    def before(self) -> Any:
        """The old figure in the unit of a run; NaN unknown."""
        return _in_run(self.old, self.scale)

    @property
    def source(self) -> str:
        """Who, when and why, as the source of a figure."""
        return f"override: {', '.join(filter(None, (self.by, self.when, self.why)))}"

    @property
    def told(self) -> str:
        """What was replaced by whom, in words."""
        by = f" by {self.by}" if self.by else ""
        why = f" ({self.why})" if self.why else ""
        return f"{self.meaning}: {shown(self.old)} overridden with {shown(self.new)}{by}{why}"


@dataclass(frozen=True)
class Outcome:
    """What a run made of an override on its date.

    Attributes
    ----------
    replaced : float, Timestamp or None
        The figure that the run would have taken, in its own unit; None unknown.
    refused : str
        Why it was not taken; empty where it was.
    """

    override: Override
    replaced: Any = None
    refused: str = ""

    def on(self, as_of: pd.Timestamp, *, last: bool) -> Outcome:
        """The same on one of several dates; what it replaced is known of the last one."""
        if self.override.as_of > as_of and not self.refused:
            return replace(self, refused=later(self.override))
        return self if last else replace(self, replaced=self.override.before)

    @property
    def moved(self) -> bool:
        """Whether the run would have taken another figure than the one that the person saw and replaced."""
        a, b = self.replaced, self.override.before
        if _is_unknown(a) or _is_unknown(b):
            return _is_unknown(a) != _is_unknown(b)
        if isinstance(a, pd.Timestamp) or isinstance(b, pd.Timestamp):
            return bool(a != b)
        return not math.isclose(a, b, rel_tol=LEAST, abs_tol=1e-12)


def later(one: Override) -> str:
    """That the date of a run does not know an override."""
    return f"it is of {one.as_of:%Y-%m-%d}, after the date of the run"


def manifest_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Overrides that were taken, as a manifest holds them."""
    return [
        {key: shown(value) if key in ("old", "new", "as_of") else value for key, value in asdict(one.override).items()}
        for one in outcomes
        if not one.refused
    ]


def shown(value: Value) -> str:
    """A figure or date as text; n/a where it is unknown."""
    if value is None or value != value:  # noqa: PLR0124 NaN alone differs from itself
        return UNKNOWN
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{value:,.10g}"


def fault(what: str, item: str, value: Any, subject: str = "") -> str:
    """What was expected of a run's figure, where it is absurd; empty where it can be taken.

    Parameters
    ----------
    value : float, Timestamp or NaN
        In the unit of a run; NaN or None unknown.
    subject : str
        Of a threshold: the group rule, whose metric says whether it is a fraction.
    """
    if what in (ASSUMPTION, SWITCH):
        return _setting_fault(what, item, value)
    is_flag = what == UNIT or item in FLAGS
    if _is_unknown(value):
        return "a figure: this input cannot be unknown" if is_flag or what == RULE else ""
    if what == CONTRACT and _column(item).kind == DATE:
        return "" if isinstance(value, pd.Timestamp) else "a date"
    if isinstance(value, pd.Timestamp) or not math.isfinite(value):
        return "a number"
    return _flag_fault(value) if is_flag else _range_fault(value, *_bounds(what, item, subject))


def _flag_fault(value: float) -> str:
    return "" if value in (0, 1) else "1 for yes or 0 for no"


def _range_fault(value: float, low: float, high: float) -> str:
    if low <= value <= high:
        return ""
    least = "a number above 0" if low == LEAST else "a number" if math.isinf(low) else f"a number of at least {low:g}"
    return least if math.isinf(high) else f"{least} and at most {high:g}"


def _setting_fault(what: str, item: str, value: Any) -> str:
    kind = Bridge if what == SWITCH else Assumptions
    if item not in kind.__dataclass_fields__:
        return "the name of an assumption or switch of this version"
    try:
        checked(kind, item, value)
    except InvalidInput as error:
        return str(error)
    return ""


def _bounds(what: str, item: str, subject: str) -> tuple[float, float]:
    """The least and the largest figure that is not absurd, in the unit of a run."""
    if what in (CONTRACT, INSTRUMENT):
        column = _column(item) if what == CONTRACT else FILES["instruments.csv"].columns[item]
        least = -math.inf if column.at_least is None else column.at_least
        most = math.inf if column.at_most is None else column.at_most
        part = 100.0 if item in IN_PERCENT else 1.0
        return least / part, (MOST_MW if item.endswith("_mw") else most / part)
    if what == MARKET or item == PRICE:
        return LEAST, math.inf
    if what == RULE:
        rule = RULES.get(subject)
        is_fraction = rule is not None and METRICS[rule.metric].unit == "fraction"
        return BOUNDS["fraction"] if is_fraction else (0.0, math.inf)
    known = NUMBER_OF_ITEMS[item]
    if item.startswith("mw_"):
        return 0.0, MOST_MW
    return (-math.inf if known.signed else 0.0), (100.0 if known.units == ("pct",) else math.inf)


def can_be_taken(what: str, item: str) -> bool:
    """Whether this version knows such an input."""
    if what in (ASSUMPTION, SWITCH):
        return item in (Bridge if what == SWITCH else Assumptions).__dataclass_fields__
    if what == MARKET:
        return item in MARKET_ITEMS
    if what == RULE:
        return item == "threshold"
    if what == INSTRUMENT:
        return item in FILES["instruments.csv"].columns
    if what == CONTRACT:
        columns = FILES["contracts.csv"].columns
        return item in columns or f"{item}_pct" in columns
    return what in (FACT, UNIT) and (item in NUMBER_OF_ITEMS or item in FLAGS or item == PRICE)


def unit_of(item: str) -> str:
    """Unit of a figure of a run, as facts name it."""
    units = {
        PRICE: "usd_per_share",
        "btc_usd": "usd_per_btc",
        "network_eh_per_s": "eh_per_s",
        "reward_btc_per_day": "btc",
    }
    return units.get(item) or (NUMBER_OF_ITEMS[item].units[0] if item in NUMBER_OF_ITEMS else "")


def _column(item: str) -> Column:
    columns = FILES["contracts.csv"].columns
    return columns.get(item) or columns[f"{item}_pct"]


def _in_run(value: Value, scale: float) -> Any:
    if value is None:
        return math.nan
    return value if isinstance(value, pd.Timestamp) else value * scale


def _is_unknown(value: Any) -> bool:
    return value is None or value is pd.NaT or value != value  # noqa: PLR0124
