"""Workbooks of many screens, written and recalculated by LibreOffice once for all tests that read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from exports.workbook import write
from screener import pipeline, scenarios, universes
from screener.universes import Universe
from tests.exports import recalculate as calc
from valuation.assumptions import Assumptions
from valuation.screen import Screen

BY_TICKER = (
    "companies", "facts", "contracts", "instruments", "transactions", "sites", "events", "prices", "splits",
)  # fmt: skip


@dataclass(frozen=True)
class Volume:
    """A workbook: as written, as LibreOffice recalculated it, and the screen that Python says it should show."""

    screen: Screen
    path: Path
    recalculated: Path


def only(universe: Universe, *tickers: str) -> Universe:
    """The universe with these companies alone."""
    kept = {}
    for name in BY_TICKER:
        frame = getattr(universe, name)
        kept[name] = frame[frame["ticker"].isin(tickers)].reset_index(drop=True)
    return replace(universe, **kept)


def without_prices(universe: Universe, ticker: str) -> Universe:
    """The universe without a single close of one company."""
    return replace(universe, prices=universe.prices[universe.prices["ticker"] != ticker].reset_index(drop=True))


def alone_without_prices(universe: Universe, ticker: str) -> Universe:
    """One company without a close, in a universe whose prices.csv holds others."""
    left = without_prices(universe, ticker)
    return replace(only(universe, ticker), prices=left.prices)


# Universe, date and group rule of each screen.
PLAIN: dict[str, tuple[Callable[[Universe], Universe], str, str | None]] = {
    "june_2024": (lambda u: u, "2024-06-28", None),
    "october_2025": (lambda u: u, "2025-10-03", None),
    "january": (lambda u: u, "2026-01-16", None),
    "october_2026": (lambda u: u, "2026-10-05", None),
    "old_prices": (lambda u: u, "2026-11-20", None),
    "signed": (lambda u: u, "2026-01-16", "signed"),
    "mw25": (lambda u: u, "2026-10-05", "mw25"),
    "share50": (lambda u: u, "2026-01-16", "share50"),
    "trailing10": (lambda u: u, "2025-10-03", "trailing10"),
    "one_company": (lambda u: only(u, "RIOT"), "2026-01-16", None),
    "one_without_price": (lambda u: alone_without_prices(u, "RIOT"), "2026-01-16", None),
    "no_regression": (lambda u: only(u, "RIOT", "IREN", "MARA"), "2026-01-16", None),
    "no_pivots": (lambda u: only(u, "RIOT", "MARA", "CLSK", "KEEL", "HIVE"), "2026-01-16", None),
    "only_pivots": (lambda u: only(u, "IREN", "WULF", "APLD", "CORZ", "CIFR"), "2026-01-16", None),
    "no_price_of_riot": (lambda u: without_prices(u, "RIOT"), "2026-01-16", None),
}


# The same with every sheet that there is: the studies, and what companies are worth.
STUDIED = {
    "january_studied": PLAIN["january"],
    "october_2026_studied": PLAIN["october_2026"],
    "june_2024_studied": PLAIN["june_2024"],
    "one_without_price_studied": PLAIN["one_without_price"],
}
EVERY = PLAIN | STUDIED
# Sheets that others of the shelf have too, on other days or with other groups: tried before a release.
SHORT = {
    "january", "one_without_price", "no_pivots", "old_prices", "january_studied", "october_2026_studied",
    "one_without_price_studied",
}  # fmt: skip
LONG = frozenset(EVERY) - SHORT
NAMES = [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in EVERY]


@pytest.fixture(scope="session")
def miners() -> Universe:
    return universes.load("miners")


FEW_DRAWS = replace(Assumptions(), bootstrap_draws=199)


def screened(universe: Universe, day: str, *, assumptions: Assumptions = FEW_DRAWS, **options: Any) -> Screen:
    """A screen on bundled data; few draws, which no formula knows of."""
    return pipeline.run(universe, pd.Timestamp(day), source="bundled", assumptions=assumptions, **options)


def volumes(miners: Universe, folder: Path, names: Iterable[str]) -> dict[str, Volume]:
    """The workbooks of these names, recalculated by one start of LibreOffice."""
    made = {}
    for name in names:
        change, day, rule = EVERY[name]
        draws = Assumptions() if name == "january" else FEW_DRAWS
        more = {"studies": True, "nav": True, "scenarios": [scenarios.load("bitcoin-half")]} if name in STUDIED else {}
        result = screened(change(miners), day, rule=rule, assumptions=draws, **more)
        made[name] = result, folder / f"{name}.xlsx"
        write(*made[name])
    recalculated = calc.recalculate_all([path for _, path in made.values()], folder)
    return {
        name: Volume(*both, anew) for (name, both), anew in zip(made.items(), recalculated, strict=True)
    }  # fmt: skip


@pytest.fixture(scope="session")
def january(miners, tmp_path_factory) -> Volume:
    """By itself, for the tests that need no other."""
    return volumes(miners, tmp_path_factory.mktemp("january"), ["january"])["january"]


@pytest.fixture(scope="session")
def shelf(miners, january, tmp_path_factory, pytestconfig) -> dict[str, Volume]:
    """Every workbook of `EVERY` by name; those of `LONG` only where long tests run."""
    left_out = LONG if "not long" in pytestconfig.option.markexpr else frozenset()
    names = [name for name in EVERY if name != "january" and name not in left_out]
    others = volumes(miners, tmp_path_factory.mktemp("shelf"), names)
    return {"january": january, **others}


@pytest.fixture(scope="session")
def studied(shelf) -> Volume:
    return shelf["january_studied"]


@pytest.fixture(scope="session")
def opened(january) -> openpyxl.Workbook:
    """The workbook of January as openpyxl reads it, formulas as formulas. Nobody may change it."""
    return calc.load(january.path, values=False)
