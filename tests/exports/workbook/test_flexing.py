"""A committee changes a cell: the recalculated workbook says what Python says of a universe changed likewise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell

from screener.universes import Universe
from tests.exports import gnumeric
from tests.exports import recalculate as calc
from tests.exports.conftest import FEW_DRAWS, screened
from tests.exports.reading import cell, labelled, values
from valuation.assumptions import Bridge
from valuation.screen import Screen

pytestmark = pytest.mark.long

DAY = "2026-01-16"
# No pledged bitcoin is in the bundled data, and nobody's share lies between the two thresholds: nothing moves, in either.
IDLE = {"pledged bitcoin out", "the threshold"}
BELOW = {"Summary": "Companies"}
# Computed by the run and so marked on the sheet: mining at the hashprice of the run does not follow the bitcoin price.
FIXED = {"the bitcoin price": {"ntm_revenue_usd", "ev_to_ntm_revenue"}}
SHOWN = (
    ("EV bridge", "Diluted shares (m)", "diluted_shares", 1e6),
    ("EV bridge", "Equity value ($m)", "equity_value_usd", 1e6),
    ("EV bridge", "Debt not converted ($m)", "debt_after_conversion_usd", 1e6),
    ("EV bridge", "Bitcoin counted ($m)", "bitcoin_usd", 1e6),
    ("EV bridge", "Enterprise value ($m)", "enterprise_value_usd", 1e6),
    ("Multiples", "Secured (gross MW)", "secured_mw", 1),
    ("Multiples", "Weighted (gross MW)", "weighted_mw", 1),
    ("Multiples", "EV / operating MW ($m per MW)", "ev_per_mw_operating", 1),
    ("Multiples", "EV / weighted MW ($m per MW)", "ev_per_mw_weighted", 1),
    ("Multiples", "Completed EV ($m)", "completed_ev_usd", 1e6),
    ("Multiples", "Completed EV / contracted AI MW ($m per MW)", "ev_per_mw_ai_contracted_it", 1),
    ("Multiples", "EV / AI MW in service ($m per MW)", "ev_per_mw_ai_in_service", 1),
    ("Multiples", "NTM revenue ($m)", "ntm_revenue_usd", 1e6),
    ("Multiples", "EV / NTM revenue (x)", "ev_to_ntm_revenue", 1),
    ("Multiples", "Completed EV / contracted NOI (x)", "ev_to_contracted_noi", 1),
    ("Multiples", "Equity value / backlog (x)", "equity_value_to_backlog", 1),
    ("Screen", "EV / secured MW ($m per MW)", "ev_per_mw_secured", 1),
    ("Screen", "AI share, contracted (%)", "ai_share_contracted", 1),
    ("Screen", "AI share, run rate (%)", "ai_share_run_rate", 1),
    ("Screen", "Annual revenue ($m)", "contracted_revenue_usd", 1e6),
    ("Screen", "Backlog ($m)", "backlog_usd", 1e6),
    ("Screen", "Leased share of secured MW (%)", "leased_share", 1),
    ("Screen", "Completed EV / backlog (x)", "ev_to_backlog", 1),
    ("Summary", "EV / secured MW ($m per MW)", "ev_per_mw_secured", 1),
)


@dataclass(frozen=True)
class Flex:
    """The same change twice: a cell of the open workbook with its new value, and what Python is given."""

    in_file: Callable[[openpyxl.Workbook], tuple[Cell, Any]]
    in_python: Callable[[Universe], Screen]


def _set(sheet: str, ticker: str, header: str, value: float, **where: str) -> Callable:
    def edit(book: openpyxl.Workbook) -> tuple[Cell, float]:
        target = cell(book, sheet, ticker, header, **where)
        assert target.data_type == "n"
        assert target.font.color.rgb[-6:] == "0000FF"
        return target, value

    return edit


def _assume(label: str, value: float) -> Callable:
    def edit(book: openpyxl.Workbook) -> tuple[Cell, float]:
        target = labelled(book, "Assumptions", label)
        assert target.fill.fgColor.rgb[-6:] == "FFFBD6"
        return target, value

    return edit


def _with(universe: Universe, name: str, rows: Any, column: str, value: Any) -> Universe:
    frame = getattr(universe, name).copy()
    mask = rows(frame)
    assert mask.sum() == 1
    frame.loc[mask, column] = value
    return replace(universe, **{name: frame})


def _close(ticker: str, price: float) -> Callable[[Universe], Screen]:
    def rows(prices: pd.DataFrame) -> pd.Series:
        return (prices["ticker"] == ticker) & (prices["date"] == pd.Timestamp(DAY))

    return lambda u: screened(_with(u, "prices", rows, "close_usd", price), DAY)


def _fact(ticker: str, item: str, period: str, value: float) -> Callable[[Universe], Screen]:
    def rows(facts: pd.DataFrame) -> pd.Series:
        mine = (facts["ticker"] == ticker) & (facts["item"] == item) & (facts["period_end"] == pd.Timestamp(period))
        mine &= facts["published_on"] <= pd.Timestamp(DAY)
        return mine & (facts["published_on"] == facts.loc[mine, "published_on"].max())

    return lambda u: screened(_with(u, "facts", rows, "value", value), DAY)


def _bitcoin(price: float) -> Callable[[Universe], Screen]:
    def rows(network: pd.DataFrame) -> pd.Series:
        return network["date"] == network.loc[network["date"] <= pd.Timestamp(DAY), "date"].max()

    return lambda u: screened(_with(u, "network", rows, "btc_usd", price), DAY)


def _contract(name: str, column: str, value: float) -> Callable[[Universe], Screen]:
    return lambda u: screened(_with(u, "contracts", lambda f: f["contract_id"] == name, column, value), DAY)


def _phase(name: str, day: str) -> Callable:
    """The date of a contract's only phase on the sheet Phases."""

    def edit(book: openpyxl.Workbook) -> tuple[Cell, Any]:
        target = cell(book, "Phases", name.partition("-")[0], "Date", also=name)
        assert target.font.color.rgb[-6:] == "0000FF"
        return target, pd.Timestamp(day).to_pydatetime()

    return edit


def _planned(name: str, day: str) -> Callable[[Universe], Screen]:
    def rows(phases: pd.DataFrame) -> pd.Series:
        return (phases["contract_id"] == name) & (phases["published_on"] <= pd.Timestamp(DAY))

    return lambda u: screened(_with(u, "phases", rows, "date", pd.Timestamp(day)), DAY)


def _switched(**switches: bool) -> Callable[[Universe], Screen]:
    return lambda u: screened(u, DAY, switches=replace(Bridge(), **switches))


def _assuming(**numbers: float) -> Callable[[Universe], Screen]:
    return lambda u: screened(u, DAY, assumptions=replace(FEW_DRAWS, **numbers))


FLEXES = {
    "a price": Flex(_set("EV bridge", "RIOT", "Price (USD per share)", 30.0), _close("RIOT", 30.0)),
    "a price under the conversion price": Flex(
        _set("EV bridge", "RIOT", "Price (USD per share)", 14.85), _close("RIOT", 14.85)
    ),
    "a price over a second conversion price": Flex(
        _set("EV bridge", "IREN", "Price (USD per share)", 85.64), _close("IREN", 85.64)
    ),
    "a price of a listed subsidiary": Flex(_set("EV bridge", "ABTC", "Price (USD per share)", 3.2), _close("ABTC", 3.2)),
    "a share count": Flex(
        _set("EV bridge", "RIOT", "Basic shares (m)", 500.0), _fact("RIOT", "shares_outstanding", "2025-10-29", 500e6)
    ),
    "the bitcoin price": Flex(_assume("Bitcoin price", 60_000.0), _bitcoin(60_000.0)),
    "a debt": Flex(_set("EV bridge", "CLSK", "Debt ($m)", 2_500.0), _fact("CLSK", "debt_total", "2025-11-13", 2_500e6)),
    "secured megawatts": Flex(
        _set("Multiples", "RIOT", "Secured (MW)", 2_000.0), _fact("RIOT", "mw_secured", "2026-01-16", 2_000.0)
    ),
    "no conversion": Flex(
        _assume("In-the-money convertibles as shares, not debt", 0), _switched(if_converted=False)
    ),
    "bitcoin not netted": Flex(_assume("Net bitcoin and other coins at spot", 0), _switched(net_bitcoin=False)),
    "restricted cash not netted": Flex(_assume("Net restricted cash", 0), _switched(net_restricted_cash=False)),
    "prepayments as debt": Flex(_assume("Treat customer prepayments as debt", 1), _switched(prepayments_as_debt=True)),
    "pledged bitcoin out": Flex(_assume("Count pledged or lent bitcoin", 0), _switched(count_pledged_bitcoin=False)),
    "a weight": Flex(_assume("Weight of MW under construction", 0.2), _assuming(weight_construction=0.2)),
    "gross over critical IT": Flex(
        _assume("Gross MW per critical IT MW where the site's ratio is unknown", 1.5),
        _assuming(gross_mw_per_critical_it_mw=1.5),
    ),
    "a margin": Flex(
        _assume("NOI margin of a lease that states none (modified gross)", 0.8), _assuming(noi_margin_lease=0.8)
    ),
    "the assumed escalator": Flex(
        _assume("Yearly step of the rent of a lease of seven years or more that discloses none", 0.04),
        _assuming(escalator_unknown=0.04),
    ),
    "a building cost": Flex(
        _assume("Building cost of leased critical IT MW where not announced", 14e6), _assuming(capex_lease_usd_per_mw=14e6)
    ),
    "a planned phase": Flex(_phase("HUT-FLUIDSTACK-202512", "2027-01-15"), _planned("HUT-FLUIDSTACK-202512", "2027-01-15")),
    "a contract's value": Flex(
        _set("Contracts", "HUT", "Total value ($m)", 12_000.0, also="HUT-FLUIDSTACK-202512"),
        _contract("HUT-FLUIDSTACK-202512", "total_value_usd", 12e9),
    ),
    "a contract that makes a pivot": Flex(
        _set("Contracts", "RIOT", "Annual revenue, announced ($m)", 900.0, also="RIOT-AMD-202601"),
        _contract("RIOT-AMD-202601", "annual_revenue_usd", 900e6),
    ),
    "the threshold": Flex(
        _assume("Threshold of the group rule share20: AI share, contracted at least", 0.5),
        lambda u: screened(u, DAY, rule="share50"),
    ),
}  # fmt: skip


# One of each kind of cell; the others, which go by cells of their own, are tried before a release.
KEPT = (
    "the bitcoin price", "a price over a second conversion price", "a planned phase", "a contract that makes a pivot",
    "the threshold",
)  # fmt: skip
LONG = set(FLEXES) - set(KEPT)


@pytest.fixture(scope="module")
def flexed(january, miners, tmp_path_factory, pytestconfig):
    """Each flex: the changed workbook, the same recalculated, Python's screen; those of `LONG` only where long tests run."""
    left_out = LONG if "not long" in pytestconfig.option.markexpr else set()
    flexes = {name: flex for name, flex in FLEXES.items() if name not in left_out}
    folder = tmp_path_factory.mktemp("flexed")
    book = openpyxl.load_workbook(january.path)
    del book["Data"]  # no formula reads it, and it is half of the file
    paths, screens = [], []
    for number, flex in enumerate(flexes.values()):
        changed, value = flex.in_file(book)
        before, changed.value = changed.value, value
        paths.append(folder / f"{number}.xlsx")
        book.save(paths[-1])
        changed.value = before
        screens.append(flex.in_python(miners))
    return dict(zip(flexes, zip(paths, calc.recalculate_all(paths, folder), screens, strict=True), strict=True))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in FLEXES])
def test_gnumeric_moves_every_formula_to_where_libreoffice_does(flexed, name, tmp_path):
    path, recalculated, _ = flexed[name]
    assert gnumeric.apart(path, recalculated, gnumeric.recalculate(path, tmp_path)) == []


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else np.nan


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in FLEXES])
def test_the_workbook_moves_as_python_says(flexed, january, name):
    _, path, screen = flexed[name]
    book = calc.load(path, values=True)
    moved = 0
    for sheet, header, metric, unit in SHOWN:
        if metric in FIXED.get(name, ()):
            continue
        shown = {
            ticker: _number(value) for ticker, value in values(book, sheet, header, below=BELOW.get(sheet, "")).items()
        }
        expected = {t: v / unit for t, v in screen.table[metric].items()}
        assert shown == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), (sheet, header)
        before = january.screen.table[metric].reindex(screen.table.index)
        moved += int((~np.isclose(before, screen.table[metric], rtol=1e-9, equal_nan=True)).sum())
    groups = screen.table["group"].fillna("n/a").to_dict()
    assert values(book, "Screen", "Group") == groups
    told = values(book, "Summary", "Group", below="Companies")
    assert told == groups
    assert (moved > 0) == (name not in IDLE)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in FLEXES])
def test_the_gap_and_the_line_move_as_python_says(flexed, name):
    _, path, screen = flexed[name]
    book = calc.load(path, values=True)
    sheet = book["Gap"]
    titles = [c.value for c in sheet[6]]
    for k, record in enumerate(screen.gap.frame.to_dict("records")):
        if record["metric"] in FIXED.get(name, ()):
            continue
        row = dict(zip(titles, [c.value for c in sheet[7 + k]], strict=True))
        expected = "n/a" if math.isnan(record["ratio"]) else pytest.approx(record["ratio"], rel=1e-9)
        assert row["Gap: ratio (x)"] == expected
        # Where the other group is empty the estimate has no levels, and the sheet shows that of the group there is.
        if record["n_pivot"] and record["n_bitcoin"]:
            assert row["AI group, pivot (unit left)"] == pytest.approx(record["pivot_value"], rel=1e-9)
        assert (row["n pivot"], row["n bitcoin"]) == (record["n_pivot"], record["n_bitcoin"])
    line = screen.regression
    for label, expected in (
        ("Slope: from share 0 to 100%", line.slope), ("Intercept", line.intercept), ("R squared", line.r_squared),
        ("Companies in the regression", line.n),
        ("Gap implied from no share to the AI group's mean share (x)", line.implied_gap),
    ):  # fmt: skip
        assert labelled(book, "Regression", label, 4).value == pytest.approx(expected, rel=1e-8), label
    for row in screen.lead.terciles.to_dict("records"):
        median, n = (labelled(book, "Gap", row["tercile"], col).value for col in (5, 8))
        assert (median, n) == (pytest.approx(row["median_ev_per_mw"], rel=1e-9), row["n"]), row["tercile"]


def test_a_change_is_told_on_the_cover(flexed, january):
    said = {name: _told(path) for name, (_, path, _) in flexed.items()}
    assert _told(january.recalculated) == "as run"
    assert {name for name, word in said.items() if word != "changed"} == IDLE & set(said)


def _told(path: Path) -> str:
    sheet = calc.load(path, values=True)["Summary"]
    words = "inputs: as run, or changed since"
    (place,) = [c for row in sheet.iter_rows() for c in row if c.value == words]
    return sheet.cell(place.row, place.column - 1).value


@pytest.mark.long
def test_a_company_can_be_taken_out_of_every_statistic(january, tmp_path):
    book = openpyxl.load_workbook(january.path)
    cell(book, "Gap", "WULF", "Use (1 = yes)", below="Members of").value = 0
    book.save(tmp_path / "without.xlsx")
    for ticker in ("RIOT", "CLSK", "KEEL", "BTDR"):  # leaves MARA and HIVE of the six miners
        cell(book, "Gap", ticker, "Use (1 = yes)", below="Members of").value = 0
    book.save(tmp_path / "two_left.xlsx")
    anew, two_left = calc.recalculate_all([tmp_path / "without.xlsx", tmp_path / "two_left.xlsx"], tmp_path)
    book = calc.load(two_left, values=True)
    titles = [c.value for c in book["Gap"][6]]
    typical, medians = (dict(zip(titles, [c.value for c in book["Gap"][row]], strict=True)) for row in (7, 8))
    assert (typical["n bitcoin"], typical["Gap: ratio (x)"]) == (2, "n/a")
    assert isinstance(medians["Gap: ratio (x)"], float)
    book = calc.load(anew, values=True)
    headline = dict(zip(titles, [c.value for c in book["Gap"][7]], strict=True))
    assert headline["Gap: ratio (x)"] == pytest.approx(january.screen.gap.sensitivity["WULF"], rel=1e-9)
    assert labelled(book, "Regression", "Companies in the regression", 4).value == january.screen.regression.n - 1


@pytest.mark.long
def test_a_later_as_of_date_runs_the_backlog_down(january, miners, tmp_path):
    """Rent by rent, without the program's arithmetic: what each phase of a contract earns after the later day."""
    later, ramp = pd.Timestamp("2031-03-31"), january.screen.assumptions.ramp_years
    book = openpyxl.load_workbook(january.path)
    labelled(book, "Assumptions", "As-of date").value = later.to_pydatetime()
    book.save(tmp_path / "later.xlsx")
    shown = values(
        calc.load(calc.recalculate(tmp_path / "later.xlsx", tmp_path), values=True), "Screen", "Backlog ($m)"
    )
    passed = (later - pd.Timestamp(DAY)).days / 365.25
    known = set(miners.phases.loc[miners.phases["published_on"] <= pd.Timestamp(DAY), "contract_id"])
    books = tuple(name.removesuffix("BOOK") for name in known if name.endswith("-BOOK"))
    rows = january.screen.contracts.set_index("contract_id")
    expected: dict[str, float] = {}
    for part in january.screen.tranches.itertuples():
        contract = rows.loc[part.contract_id]
        if not contract["is_ai"] or np.isnan(contract["owned_value_usd"]):
            continue
        start = part.starts_in_years - passed
        # A ramp after a stated start goes into service by itself; every other date that passes without a delivery moves.
        has_phases = part.contract_id in known or part.contract_id.startswith(books)
        if start <= 0 and not part.delivered and (has_phases or contract["start_is_assumed"]):
            start = ramp / 2
        left = part.share * _left(contract, -start) / 1e6
        expected[part.ticker] = expected.get(part.ticker, 0.0) + left
    signed = {t: _number(v) for t, v in shown.items() if t in expected and np.isfinite(expected[t])}
    assert signed == pytest.approx({t: expected[t] for t in signed}, rel=1e-9)
    assert len(signed) >= 8
    assert sum(signed.values()) < january.screen.table.loc[list(signed), "backlog_usd"].sum() / 1e6


def _left(contract: pd.Series, elapsed: float) -> float:
    """Value less the rents of the contract years that have passed, the one in progress for its part."""
    value, term, growth = contract["owned_value_usd"], contract["term_years"], contract["escalator_used"]
    if np.isnan(term) or elapsed <= 0:
        return value
    if elapsed >= term:
        return 0.0
    first = value * growth / ((1 + growth) ** term - 1) if growth > 0 else value / term
    years = int(elapsed)
    rents = sum(first * (1 + growth) ** k for k in range(years)) + (elapsed - years) * first * (1 + growth) ** years
    return value - min(rents, value)
