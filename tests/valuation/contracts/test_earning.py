"""AI MW in service of a company: dated deliveries against its report, and AI revenue of which nobody counted the MW."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.in_service import UNCOUNTED, _earns, in_service, reported

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan


def earns(*quarters: tuple[str, float, float, float]) -> bool:
    rows = pd.DataFrame(quarters, columns=["period_end", "total_usd", "ai_hpc_usd", "ai_hpc_one_off_usd"])
    rows = rows.assign(as_of=DAY, ticker="A", period_end=pd.to_datetime(rows["period_end"]))
    index = pd.MultiIndex.from_tuples([(DAY, "A")], names=["as_of", "ticker"])
    return bool(_earns(SimpleNamespace(quarters=rows, index=index))[0])


@pytest.mark.parametrize(
    ("ai", "one_off", "expected"),
    [
        (5.0, NAN, True),
        (5.0, 0.0, True),
        (5.0, 4.0, True),
        (5.0, 5.0, False),
        (0.0, NAN, False),
        (0.5, NAN, True),
        (0.5, 0.4, True),
        (NAN, NAN, False),
    ],
)
def test_recurring_revenue_is_more_than_the_one_off(ai, one_off, expected):
    assert earns(("2025-09-30", 100.0, ai, one_off)) is expected


def test_the_latest_quarter_with_a_total_decides_whatever_the_order_of_the_rows():
    old, new, empty = ("2025-06-30", 100.0, 0.0, NAN), ("2025-09-30", 100.0, 5.0, NAN), ("2025-12-31", NAN, NAN, NAN)
    assert earns(new, old)
    assert earns(new, empty, old)
    assert not earns(("2025-12-31", 100.0, 0.0, NAN), new)
    assert not earns(empty)


@pytest.mark.parametrize(
    ("age", "mw", "expected"),
    [(0, 50.0, 50.0), (120, 50.0, 50.0), (121, 50.0, NAN), (0, NAN, NAN), (None, 50.0, NAN), (-1, 50.0, 50.0)],
)
def test_a_report_counts_for_120_days(age, mw, expected):
    index = pd.MultiIndex.from_tuples([(DAY, "A")], names=["as_of", "ticker"])
    on = pd.NaT if age is None else DAY - pd.Timedelta(days=age)
    inputs = SimpleNamespace(
        items=pd.DataFrame({"mw_operating_ai": [mw]}, index), periods=pd.DataFrame({"mw_operating_ai": [on]}, index)
    )
    assert reported(inputs).tolist() == pytest.approx([expected], nan_ok=True)


NONE_DATED = "AI MW in service as reported, no delivery is dated"
MORE = "AI MW in service as reported, more than the dated deliveries"


@pytest.mark.parametrize(
    ("told", "delivered", "contracted", "signed", "earning", "mw", "marks"),
    [
        (NAN, 30.0, 90.0, 1, True, 30.0, set()),
        (20.0, 30.0, 90.0, 1, True, 30.0, set()),
        (30.0, 30.0, 90.0, 1, True, 30.0, set()),
        (30.0 + 1e-6, 30.0, 90.0, 1, True, 30.0, set()),  # rounding
        (30.1, 30.0, 90.0, 1, True, 30.1, {MORE}),
        (120.0, 30.0, 90.0, 1, True, 90.0, {MORE}),  # never above what is contracted
        (20.0, 0.0, 90.0, 1, True, 20.0, {NONE_DATED}),
        (20.0, 0.5, 90.0, 1, True, 20.0, {MORE}),
        (20.0, NAN, 90.0, 2, False, 20.0, {NONE_DATED}),
        (20.0, 0.0, 90.0, 0, True, 0.0, set()),  # nothing signed, so no contract is in service
        (20.0, 0.0, NAN, 1, True, 0.0, set()),
        (0.0, 0.0, 90.0, 1, True, 0.0, set()),
        (NAN, 0.0, 90.0, 1, True, 0.0, {UNCOUNTED}),
        (NAN, NAN, 90.0, 1, True, NAN, {UNCOUNTED}),
        (NAN, 0.0, 90.0, 1, False, 0.0, set()),
        (NAN, 0.0, 0.0, 0, True, 0.0, set()),
        (NAN, 0.5, 90.0, 1, True, 0.5, set()),
    ],
)
def test_deliveries_or_the_report_whichever_is_more(told, delivered, contracted, signed, earning, mw, marks):
    assert served([told], [delivered], [contracted], [signed], [earning]) == ([pytest.approx(mw, nan_ok=True)], [marks])


def served(
    told: list[float],
    delivered: list[float],
    contracted: list[float],
    signed: list[int],
    earning: list[bool],
    consolidated_by: dict[str, str] | None = None,
) -> tuple[list[float], list[set[str]]]:
    """MW in service and marks of companies A, B, ..., which reported on the day itself."""
    names = list("ABCD"[: len(told)])
    index = pd.MultiIndex.from_product([[DAY], names], names=["as_of", "ticker"])
    ai = [5.0 if one else 0.0 for one in earning]
    inputs = SimpleNamespace(
        index=index,
        items=pd.DataFrame({"mw_operating_ai": told}, index),
        periods=pd.DataFrame({"mw_operating_ai": DAY}, index),
        quarters=pd.DataFrame({"as_of": DAY, "ticker": names, "period_end": DAY, "total_usd": 9.0, "ai_hpc_usd": ai,
                               "ai_hpc_one_off_usd": NAN}),
        companies=pd.DataFrame({"consolidated_by": [(consolidated_by or {}).get(name) for name in names]}, names),
    )  # fmt: skip
    found = in_service(inputs, np.array(delivered), np.array(contracted), np.array(signed))
    marks = [{cause for cause, rows in {**found.proxy, **found.missing}.items() if rows[k]} for k in range(len(names))]
    return found.mw.tolist(), marks


def test_a_parent_without_a_report_of_its_own_has_that_of_its_subsidiary():
    whose = {"B": "A"}
    mw, marks = served([NAN, 20.0, NAN], [0.0] * 3, [90.0] * 3, [1] * 3, [True] * 3, whose)
    assert (mw, marks) == ([20.0, 20.0, 0.0], [{NONE_DATED}, {NONE_DATED}, {UNCOUNTED}])
    mw, _ = served([35.0, 20.0, NAN], [0.0] * 3, [90.0] * 3, [1] * 3, [True] * 3, whose)
    assert mw == [35.0, 20.0, 0.0]
