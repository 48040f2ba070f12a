"""The registry of denominators: what a company's value is divided by, and which of the multiples may serve the gap.

Metrics, the gap's rows, the specifications (`--spec`), sheets and pages read it; a denominator is added here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd

    from valuation.assumptions import Assumptions
    from valuation.inputs import Inputs

ENTERPRISE_VALUE, EQUITY_VALUE, COMPLETED_EV = "enterprise_value_usd", "equity_value_usd", "completed_ev_usd"
# In a title, and in a sentence. A multiple of contracted (not yet earned) figures is on completed EV (METHODS section 5).
NUMERATORS = {
    ENTERPRISE_VALUE: ("EV", "Enterprise value"),
    EQUITY_VALUE: ("Equity value", "Equity value"),
    COMPLETED_EV: ("Completed EV", "Enterprise value plus capex still to spend"),
}
M_USD_PER_MW, MULTIPLE = "m_usd_per_mw", "multiple"
MILLION = 1e6
_T = TypeVar("_T")


@dataclass(frozen=True)
class Denominator:
    """One denominator and the multiple that it makes.

    Attributes
    ----------
    key : str
        Its name in `--spec denominator=...` and in the axis of the specification curve.
    title : str
        In the middle of a sentence: `secured MW`.
    denominator, numerator : str
        Columns of the company table.
    metric : str
        The multiple's name.
    unit : {"m_usd_per_mw", "multiple"}
        Of the multiple.
    in_gap : bool
        The gap is measured in it.
    in_specifications : bool
        It is a choice of the specification curve; the others of the gap stand beside the headline, on its companies.
    meaning : str
        What the multiple's definition calls it; the title where empty.
    definition, inputs, quantity_unit : str, tuple of str, str
        Of the column itself, where this registry adds it to the metrics.
    compute : callable or None
        The column from (the capacity frame, inputs, assumptions); None where the company table has it already.
    after : tuple of str
        Columns of the company table whose statuses a computed column takes over.
    """

    key: str
    title: str
    denominator: str
    metric: str
    unit: str
    numerator: str = ENTERPRISE_VALUE
    in_gap: bool = False
    in_specifications: bool = False
    meaning: str = ""
    definition: str = ""
    inputs: tuple[str, ...] = ()
    quantity_unit: str = "mw"
    compute: Callable[[pd.DataFrame, Inputs, Assumptions], pd.Series] | None = None
    after: tuple[str, ...] = ()

    @property
    def beside(self) -> bool:
        """Whether the gap in it stands beside the headline, on the headline's companies."""
        return self.in_gap and not self.in_specifications

    @property
    def scale(self) -> float:
        """What the numerator is divided by first: a million for m USD per MW."""
        return MILLION if self.unit == M_USD_PER_MW else 1.0

    @property
    def multiple_title(self) -> str:
        """The multiple as a column header: `EV / secured MW`."""
        return f"{NUMERATORS[self.numerator][0]} / {self.title}"

    @property
    def multiple_definition(self) -> str:
        """The multiple in one sentence."""
        return f"{NUMERATORS[self.numerator][1]} over {self.meaning or self.title}."


def _per_mw(key: str, title: str, **more: Any) -> Denominator:
    return Denominator(key, title, f"{key}_mw", f"ev_per_mw_{key}", M_USD_PER_MW, **more)


def _times(key: str, title: str, column: str, meaning: str, **more: Any) -> Denominator:
    more.setdefault("metric", f"ev_to_{key}")
    return Denominator(key=key, title=title, denominator=column, unit=MULTIPLE, meaning=meaning, **more)


# In the order of the company table. Contracted AI megawatts are zero for a company that signed nothing: in them there is
# no second group to compare with.
DENOMINATORS: dict[str, Denominator] = {
    one.key: one
    for one in (
        _per_mw("secured", "secured MW", in_gap=True, in_specifications=True),
        _per_mw("operating", "operating MW", in_gap=True, in_specifications=True),
        _per_mw("weighted", "weighted MW", in_gap=True, in_specifications=True),
        _per_mw(
            "ai_contracted_it", "contracted AI MW", meaning="contracted critical IT MW", numerator=COMPLETED_EV,
        ),
        _per_mw("ai_in_service", "AI MW in service", meaning="critical IT MW in service under signed contracts"),
        _times("ntm_revenue", "NTM revenue", "ntm_revenue_usd", "revenue of the next twelve months", in_gap=True),
        _times("ntm_ebitda", "NTM EBITDA", "ntm_ebitda_usd", "EBITDA of the next twelve months"),
        _times(
            "contracted_revenue", "contracted revenue", "contracted_revenue_usd", "contracted AI revenue a year",
            numerator=COMPLETED_EV, in_gap=True,
        ),
        _times(
            "contracted_noi", "contracted NOI", "contracted_noi_usd", "contracted NOI a year", numerator=COMPLETED_EV,
        ),
        _times("backlog", "backlog", "backlog_usd", "backlog", numerator=COMPLETED_EV),
        _times(
            "equity_to_backlog", "backlog", "backlog_usd", "backlog", metric="equity_value_to_backlog",
            numerator=EQUITY_VALUE,
        ),
        _times(
            "consensus_revenue", "consensus revenue", "consensus_revenue_usd",
            "consensus revenue of the fiscal year that ends nearest to twelve months ahead",
        ),
        _times(
            "consensus_ebitda", "consensus EBITDA", "consensus_ebitda_usd",
            "consensus EBITDA of the fiscal year that ends nearest to twelve months ahead",
        ),
    )
}  # fmt: skip


class View(Mapping[str, _T]):
    """A mapping that is made anew from a registry whenever it is read, so an addition reaches every reader."""

    def __init__(self, make: Callable[[], Mapping[str, _T]]) -> None:
        self._make = make

    def __getitem__(self, name: str) -> _T:
        return self._make()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())

    def __contains__(self, name: object) -> bool:
        return name in self._make()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self._make())!r})"


def in_gap() -> dict[str, Denominator]:
    """The denominators in which the gap is measured, by metric."""
    return {one.metric: one for one in DENOMINATORS.values() if one.in_gap}


def in_specifications() -> dict[str, Denominator]:
    """The denominators that a specification of the gap may choose, by key."""
    chosen = (one for one in DENOMINATORS.values() if one.in_gap and one.in_specifications)
    return {one.key: one for one in chosen if one.numerator == ENTERPRISE_VALUE}
