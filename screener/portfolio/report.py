"""From holdings to a report: what is held, what the companies own, risk, scenarios, limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from screener._version import __version__
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.holdings import Holdings
from screener.pipeline import analyse_nav
from screener.portfolio.agreement import check_prices
from screener.portfolio.history import measure, traded, what_moved
from screener.portfolio.quotes import COIN_NAMES, currency_rates, quotes_of, split_factors
from screener.run_config import RunConfig
from screener.scenarios import compare
from screener.screen import screen_on, value_dates
from valuation._words import number
from valuation.contracts.credit import same_name
from valuation.groups import BITCOIN, PIVOT
from valuation.nav.analysis import NavAnalysis
from valuation.nav.scenarios import Scenario
from valuation.portfolio import limits as limit_book
from valuation.portfolio import stress as what_if
from valuation.portfolio.limits import Limit
from valuation.portfolio.look_through import NAV, P_NAV, attributable_bitcoin, look_through
from valuation.portfolio.positions import Portfolio, value
from valuation.portfolio.report import PortfolioReport
from valuation.portfolio.risk import Risk
from valuation.screen import Screen

WEEKS = 104
SCENARIOS = {
    "bitcoin": "bitcoin changes by --shock (-30%): by each name's beta, and by net asset value",
    "gap-closes-down": "the gap of EV per secured MW closes to 1.0x, the AI group falling to the mining group",
    "gap-closes-up": "the gap closes to 1.0x, the mining group rising to the AI group",
    "tenant": "--tenant stops paying; a guarantor pays the part that it covers, and the capacity can be leased again",
}


@dataclass(frozen=True)
class Settings:
    """How a portfolio is valued and measured."""

    fx: Mapping[str, float] | None = None
    holdings_date: pd.Timestamp | None = None
    allow_duplicates: bool = False
    weeks: int = WEEKS
    frequency: str = "weekly"
    limits: Mapping[str, Limit] | None = None
    shock: float = what_if.BITCOIN_SHOCK
    tenant: str | None = None
    scenarios: tuple[Scenario, ...] = ()


def report(
    config: RunConfig,
    data: InputData,
    holdings: Holdings,
    as_of: pd.Timestamp,
    settings: Settings | None = None,
) -> PortfolioReport:
    """Holdings valued, looked through, measured and stressed as of a day.

    Parameters
    ----------
    config, data : from `resolve_config` and `load_inputs`
    holdings : from `screener.holdings.read`

    Raises
    ------
    HoldingsError
        A currency without a rate: file, line and column.
    NotKnown
        No close by the day.
    """
    settings = settings or Settings()
    valued = value_dates(config, data, as_of)
    screened = screen_on(config, data, valued, as_of)
    analysis = analyse_nav(config, data, valued)
    notes = list(holdings.notes)
    rates = currency_rates(holdings, as_of, settings.fx or {}, data.live)
    quotes = quotes_of(holdings, data, screened, notes)
    factors = split_factors(holdings, data, screened, settings.holdings_date, notes)
    check_prices(holdings, quotes, factors, rates["usd"], data, as_of, settings.holdings_date, notes)
    portfolio = value(holdings.frame, quotes, rates["usd"].to_dict(), as_of, split_factors=factors)
    table, status = (
        frame.join(more) for frame, more in zip((screened.table, screened.status), _p_nav(analysis), strict=True)
    )
    through = look_through(portfolio, table, status, screened.inputs, screened.contracts, screened.companies)
    measured, note = measure(portfolio, data, as_of, settings.weeks, settings.frequency, seed=config.assumptions.seed)
    coins = attributable_bitcoin(screened.inputs, screened.companies) * screened.btc_usd
    companies = what_if.Companies(
        screened.table, screened.status, screened.instruments, screened.contracts, screened.gap, coins
    )
    parties = through.counterparties
    tenant = settings.tenant or (str(parties.index[0]) if len(parties) else None)
    settings = replace(settings, tenant=tenant)
    scenarios = scenarios_of(portfolio, companies, analysis, measured, settings)
    limits = limit_book.measure(portfolio, through, measured, settings.limits or {}, btc_usd=screened.btc_usd)
    volumes, no_volumes = traded(portfolio, data, as_of)
    return PortfolioReport(
        portfolio=portfolio,
        look_through=through,
        risk=measured,
        risk_note=note,
        scenarios=scenarios,
        limits=limits,
        moves=what_moved(portfolio, data, as_of, pd.Timestamp(screened.manifest["price_date"])),
        liquidity=volumes,
        liquidity_note=no_volumes,
        fx=rates,
        companies=companies,
        btc_usd=screened.btc_usd,
        notes=tuple(dict.fromkeys(notes)),
        price_line=screened.price_line,
        prices_are_old=screened.prices_are_old,
        manifest=_manifest(holdings, screened, settings, measured),
    )


def _p_nav(analysis: NavAnalysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Price to net asset value and the value itself by ticker, and their statuses."""
    nav, columns = analysis.nav, [P_NAV, NAV]
    return nav.table.droplevel("as_of")[columns], nav.status.droplevel("as_of")[columns]


def scenarios_of(
    portfolio: Portfolio,
    companies: what_if.Companies,
    analysis: NavAnalysis,
    measured: Risk | None,
    settings: Settings,
) -> tuple[what_if.StressResult, ...]:
    """Every named scenario that the data allow, and those asked for.

    Raises
    ------
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    out = []
    if measured is not None:
        out.append(what_if.bitcoin_by_beta(portfolio, measured.names["beta_bitcoin"], settings.shock))
    falls = Scenario("bitcoin", f"Bitcoin {settings.shock:+.0%}", bitcoin=1 + settings.shock)
    out.append(by_net_asset_value(portfolio, analysis, falls))
    out += [by_net_asset_value(portfolio, analysis, one) for one in closing_gap(companies)]
    if settings.tenant:
        who = known_tenant(settings.tenant, analysis)
        out.append(by_net_asset_value(portfolio, analysis, Scenario("tenant", f"{who} defaults", defaulting=(who,))))
    out += [by_net_asset_value(portfolio, analysis, scenario) for scenario in settings.scenarios]
    return tuple(out)


def closing_gap(companies: what_if.Companies) -> tuple[Scenario, Scenario]:
    """The gap closes to 1.0x: the AI group falls to the mining group's level, or the mining group rises to the other's."""
    # The engine moves one group's median to the other's: two levels, which two companies have too, and no estimate.
    levels = companies.gap.headline
    title = f"Gap of {number(levels['pivot_value'] / levels['bitcoin_value'])}x (ratio of medians) closes"
    return (
        Scenario("gap-closes-down", f"{title}, AI group falls", gap=1.0, gap_group=PIVOT),
        Scenario("gap-closes-up", f"{title}, mining group rises", gap=1.0, gap_group=BITCOIN),
    )


def by_net_asset_value(portfolio: Portfolio, analysis: NavAnalysis, scenario: Scenario) -> what_if.StressResult:
    """A scenario's prices, from the same engine as `screener scenario run`, on the positions; coins follow bitcoin."""
    found = compare(analysis, scenario).table
    coins = dict.fromkeys(COIN_NAMES, scenario.bitcoin - 1)
    method = what_if.BY_NAV if scenario.gap is None else what_if.BY_REVALUATION
    return what_if.from_changes(
        scenario.name, scenario.title, method, portfolio, found["price_change"], found["why"], coins
    )


def known_tenant(name: str, analysis: NavAnalysis) -> str:
    """The counterparty as the contracts spell it.

    Raises
    ------
    NotKnown
        No contract in force is with it; lists those that are.
    """
    names = list(dict.fromkeys(analysis.book.contracts["counterparty_name"].dropna()))
    found = next((n for n in names if same_name(n, name)), None)
    if found is None:
        raise NotKnown(f"no contract in force with {name!r}; counterparties: {'; '.join(sorted(names))}")
    return found


def _manifest(holdings: Holdings, screened: Screen, settings: Settings, measured: Risk | None) -> dict[str, Any]:
    manifest = {
        "as_of": f"{screened.as_of:%Y-%m-%d}",
        "universe": screened.universe,
        "version": __version__,
        "holdings_sha256": dict(holdings.hashes),
        "rows_left_out": holdings.rows_left_out,
        "accepted": list(holdings.choices.accept),
        "price_source": screened.manifest["price_source"],
        "price_date": screened.manifest["price_date"],
        "screen_run_id": screened.manifest["run_id"],
        "returns": measured.periods if measured else None,
        "fx": dict(settings.fx or {}),
        "limits": {name: limit.value for name, limit in (settings.limits or {}).items()},
        "shock": settings.shock,
        "tenant": settings.tenant,
        "scenarios": {one.name: one.words() for one in settings.scenarios},
    }
    text = json.dumps(manifest, sort_keys=True)
    manifest["run_id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    return manifest
