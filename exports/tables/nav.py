"""Net asset value as a page: all companies, or one with its parts, methods, what its price implies, and data checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from exports.commentary.labels import plain_status
from exports.tables.formats import LEGEND, day, price, texts
from exports.tables.funding import funding_blocks, funding_table
from exports.tables.machine import one_date
from exports.tables.plots import nav_ranges
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, findings, note
from valuation.contracts.terms import CLOUD
from valuation.findings import texts as sentences
from valuation.nav.analysis import NavAnalysis
from valuation.nav.findings import not_comparable
from valuation.nav.monte_carlo import Simulation
from valuation.nav.names import ANOTHER_BUSINESS, HEADLINE, NOT_IN_IT, UNSIGNED, VALUES

MILLION = 1e6
HALF_A_MILLION = 5e5
TITLES = {
    "leases_cap_rate_usd": "Leases, NOI over cap rate",
    "leases_dcf_usd": "Leases, DCF",
    "leases_base_term_usd": "Leases, base term alone",
    "gpu_cloud_usd": "GPU cloud, DCF",
    "gpu_cloud_base_term_usd": "GPU cloud, base term alone",
    "contract_taxes_usd": "Income tax on contracts",
    "lease_prepayments_usd": "Prepaid rent, rent credits",
    "capex_to_spend_usd": "Capex to complete",
    "approved_power_usd": "Approved power, unleased",
    "mining_power_usd": "Power in use for mining",
    "pipeline_usd": "Pipeline",
    "mining_usd": "Mining",
    "bitcoin_usd": "Bitcoin",
    "other_coins_usd": "Other coins",
    "cash_usd": "Cash",
    "restricted_cash_usd": "Restricted cash",
    "overhead_usd": "Overhead, capitalised",
    "debt_after_conversion_usd": "Debt not converted",
    "finance_leases_usd": "Finance leases",
    "preferred_equity_usd": "Preferred equity",
    "noncontrolling_interest_usd": "Minorities",
    "customer_prepayments_usd": "Customer prepayments",
}
# Rows of a company's page, (DCF, by cap rate, floor): one line for what the three values hold in three ways.
LINES = (
    ("Leases", "leases_dcf_usd", "leases_cap_rate_usd", "leases_base_term_usd"),
    ("GPU cloud, DCF", "gpu_cloud_usd", "gpu_cloud_usd", "gpu_cloud_base_term_usd"),
    (TITLES["contract_taxes_usd"], "contract_taxes_usd", "", "contract_taxes_usd"),
    (TITLES["lease_prepayments_usd"], "", "lease_prepayments_usd", ""),
    *((TITLES[name], name, name, name if name in VALUES["floor"] else "") for name in VALUES["nav_dcf"][3:]),
)
DRIVERS = {
    "bitcoin": "Bitcoin price",
    "hashprice": "Hashprice",
    "cap_rate": "Cap rates, costs of capital",
    "capex": "Capex",
    "delay": "Delay of starts (years)",
    "probability": "Probability of unsigned leases",
}
MISSING = ("missing", "not_meaningful")


def nav_page(nav: NavAnalysis, simulation: Simulation, ticker: str | None = None) -> Page:
    """Every company's values per share, or one company's by parts; files hold all companies."""
    values = one_date(nav.nav.table, nav.nav.status, "nav")
    draws = simulation.table.reset_index()
    raised = one_date(nav.funding.table, nav.funding.status, "funding")
    content = {
        "as_of": nav.as_of, "assumptions": nav.assumptions, "headline": HEADLINE, "nav": values, "draws": draws,
        "simulation": {
            "method": simulation.method, "draws": simulation.draws, "seed": simulation.seed, "value": simulation.value,
        },
        "value_per_let_mw_usd": nav.nav.value_per_let_mw_usd, "funding": raised, "maturities": nav.funding.maturities,
        "caveats": {str(t): sentences(nav.caveats(str(t))) for t in nav.nav.table.index.get_level_values("ticker")},
    }  # fmt: skip
    files: dict[str, pd.DataFrame | TableSpec] = {
        "nav": values, "draws": draws, "funding": raised, "maturities": nav.funding.maturities,
    }  # fmt: skip
    if ticker is not None:
        return Page(f"{ticker}: net asset value, {day(nav.as_of)}", _company(nav, simulation, ticker), content, files)
    return Page(f"Net asset value per diluted share, {day(nav.as_of)}", _all(nav, simulation), content, files)


def _all(nav: NavAnalysis, simulation: Simulation) -> list[Block]:
    rows, status = nav.nav.table.droplevel("as_of"), nav.nav.status.droplevel("as_of")
    known = rows.index[rows["nav_dcf_per_share"].notna() & status["nav_dcf_usd"].ne("not_meaningful")]
    outside = nav.book.excluded.droplevel("as_of").astype(bool) | not_comparable(nav.nav).astype(bool)
    frame = rows.loc[known].sort_values("p_nav_dcf", ascending=False)
    positive = frame["nav_dcf_usd"].where(frame["nav_dcf_usd"] > 0)
    frame = frame.join(simulation.table[["p5", "p95"]]).assign(
        unsigned=frame[list(UNSIGNED)].fillna(0.0).sum(axis=1) / positive
    )
    columns = (
        Column("ticker", ""), Column("price_usd", "Price", "usd_per_share"),
        Column("nav_dcf_per_share", "NAV, DCF", "usd_per_share", "NAV,\nDCF"),
        Column("nav_cap_rate_per_share", "NAV, cap rate", "usd_per_share", "NAV,\ncap rate"),
        Column("floor_per_share", "Execution floor", "usd_per_share", "Execut.\nfloor"),
        Column("p_nav_dcf", "P/NAV, DCF", "multiple_fine", "P/NAV"),
        Column("p_nav_cap_rate", "P/NAV, cap rate", "multiple_fine", "P/NAV\ncap rate"),
        Column("p5", "5% of draws", "usd_per_share", "5% of\ndraws"),
        Column("p95", "95% of draws", "usd_per_share", "95% of\ndraws"),
        Column("unsigned", "Unsigned", "fraction", "Un-\nsigned"),
        Column("implied_conversion_share", "Implied leased share", "fraction", "Implied\nleased"),
    )  # fmt: skip
    marked = status.loc[frame.index, ["nav_dcf_per_share", "p_nav_dcf"]]
    marked = marked.join(_only_missing(status.loc[frame.index, ["p_nav_cap_rate", "implied_conversion_share"]]))
    lost = ", ".join(t for t in rows.index if t not in known)
    about = (
        "NAV by DCF is the headline; by cap rate stands beside it. Execution floor: signed base terms and holdings, without "
        "future leases. Unsigned: share of NAV from power without a lease. Implied leased: share of secured power that the "
        f"price values as leased. Draws of NAV by DCF: {simulation.method}, {simulation.draws:,} draws, seed "
        f"{simulation.seed}; probabilities of leases are not drawn. {LEGEND}, * outside the statistics (excluded, price or "
        f"share count old, or mining unknown). No NAV: "
        f"{lost or 'none'}."
    )
    return [
        nav_ranges(nav),
        TableSpec(
            "nav_per_share", frame, columns, status=marked, notes=(about,),
            marks=outside[frame.index].map({True: "*", False: ""}),
        ),
        *findings(nav.findings),
        funding_table(nav.funding, known),
        note("One company's parts, caveats and debt: `screener nav TICKER`."),
    ]  # fmt: skip


def _per_mw(usd: float) -> str:
    return "n/a" if pd.isna(usd) else f"${usd / MILLION:.2f}m"


def _only_missing(status: pd.DataFrame) -> pd.DataFrame:
    """Statuses of figures that carry no mark beside another that does."""
    return status.where(status.isin(MISSING), "ok")


def company_blocks(nav: NavAnalysis, ticker: str) -> list[Block]:
    """One company's net asset value by parts, what its price implies, funding and caveats."""
    return _company(nav, nav.simulation, ticker)


def _company(nav: NavAnalysis, simulation: Simulation, ticker: str) -> list[Block]:
    values = nav.nav
    here = (nav.as_of, ticker)
    row, state = values.table.loc[here], values.status.loc[here]
    if pd.isna(row["nav_dcf_usd"]) or state["nav_dcf_usd"] == "not_meaningful":
        cause = values.causes.at[here, "nav_dcf_usd"]
        reason = plain_status(state["nav_dcf_usd"], cause).partition(": ")[2]
        # What else is unknown of another business changes nothing.
        reason = ANOTHER_BUSINESS if ANOTHER_BUSINESS in cause else reason
        return [Text(f"Net asset value: estimate not available ({reason}).")]
    contracts = values.contracts[(values.contracts["ticker"] == ticker) & (values.contracts["left_out"] == "")]
    capex = nav.funding.table.at[here, "capex_to_spend_usd"]
    blocks = [_parts(row, state, capex), *_signed(contracts), *_implied(row, state), _tornado(nav, ticker)]
    if ticker in simulation.table.index:
        drawn = simulation.table.loc[ticker]
        at = ", ".join(f"{q}% {price(drawn[f'p{q}'])}" for q in (5, 25, 50, 75, 95))
        blocks.append(
            Text(
                f"Percentiles of the draws: {at}; above the price in {drawn['above_price']:.0%} of {simulation.draws:,} "
                f"(seed {simulation.seed})."
            )
        )
    return [*blocks, *funding_blocks(nav.funding, ticker), Points("Caveats", sentences(nav.caveats(ticker)))]


def _parts(row: pd.Series, state: pd.Series, capex: float) -> TableSpec:
    """Parts that add up, in $m by each method and in $ per share; `capex` of every contract, in USD."""
    shares = row["diluted_shares"]
    lines: list[dict[str, Any]] = []
    partly = capex - np.nan_to_num(-row["capex_to_spend_usd"]) > HALF_A_MILLION
    for title, *names in LINES:
        if "capex_to_spend_usd" in names and partly:
            title = "Capex, contracts valued"  # noqa: PLW2901
        values = [row[name] if name else 0.0 for name in names]
        first = next(name for name in names if name)
        if pd.isna(row[first]) and state[first] == "not_meaningful":
            continue
        if state[first] == "ok" and all(v == 0 for v in values if not pd.isna(v)):
            continue
        cells = ["-" if not name else _millions(v) for v, name in zip(values, names, strict=True)]
        a_share = price(values[0] / shares) if names[0] else "-"
        lines.append(_line(title, cells, a_share, state[first].replace("_", " ")))
    total = [_millions(row[f"{name}_usd"]) for name in VALUES]
    lines.append(_line("Net asset value", total, price(row["nav_dcf_per_share"]), style="bold"))
    lines.append(_line("NAV per share", [price(row[f"{name}_per_share"]) for name in VALUES]))
    ratios = [
        texts([row[f"p_{name}"]], "multiple_fine", ["ok" if state[f"p_{name}"] not in MISSING else state[f"p_{name}"]])[
            0
        ]
        for name in ("nav_dcf", "nav_cap_rate")
    ]
    lines.append(_line(f"Price {price(row['price_usd'])} over NAV", [*ratios, ""]))
    frame = pd.DataFrame(lines)
    columns = (
        Column("part", "$m"), Column("dcf", "By DCF", "figures"), Column("cap_rate", "By cap rate", "figures"),
        Column("floor", "Execution floor", "figures"), Column("a_share", "Per share", "figures"), Column("status", "Status"),
    )  # fmt: skip
    apart = "" if pd.isna(row["cap_rate_over_dcf"]) else f" By cap rate: {row['cap_rate_over_dcf']:+.0%} from the DCF."
    # Without a lease the two values are one.
    apart = apart if row["leases_cap_rate_usd"] > 0 else ""
    about = f"{shares / MILLION:,.1f} million diluted shares.{apart} {NOT_IN_IT[0].upper()}{NOT_IN_IT[1:]}."
    return TableSpec("parts", frame, columns, styles=frame["style"], notes=(about,))


def _line(title: str, cells: list[str], a_share: str = "", status: str = "", style: str = "") -> dict[str, Any]:
    dcf, cap_rate, floor = cells
    return {
        "part": title, "dcf": dcf, "cap_rate": cap_rate, "floor": floor, "a_share": a_share, "status": status,
        "style": style,
    }  # fmt: skip


def _millions(usd: float) -> str:
    return texts([usd], "usd_m_bare")[0]


def _signed(contracts: pd.DataFrame) -> list[TableSpec]:
    if contracts.empty:
        return []
    frame = contracts.assign(
        lasting=contracts["perpetuity_usd"].where(contracts["business"] != CLOUD),
        starts=contracts["years_to_start"].clip(lower=0.0),
    )
    columns = (
        Column("contract_id", "Contract"), Column("forward_noi_usd", "NOI", "usd_m"),
        Column("term_usd", "Remaining term", "usd_m", "Rem.\nterm"),
        Column("lasting", "In perpetuity", "usd_m", "Perpe-\ntuity", unknown="-"),
        Column("residual_usd", "After term", "usd_m", "After\nterm"),
        Column("tax_usd", "Income tax", "usd_m", "Income\ntax"),
        Column("capex_to_spend_usd", "Capex to complete", "usd_m", "Capex to\ncomplete"),
        Column("starts", "Years to start", "number_fine", "Years to\nstart"),
    )  # fmt: skip
    about = (
        "Present values before any delay. NOI of the first year (EBITDA of GPU cloud); remaining term: DCF of the cash "
        "still to come in the base term; in perpetuity: NOI over the cap rate (leases only); after term: value beyond the "
        "base term, before tax. Income tax: of the base term. Years to start: mean of the MW not in service."
    )
    return [TableSpec("signed", frame, columns, notes=(about,))]


def _implied(row: pd.Series, state: pd.Series) -> list[Block]:
    texts_by_value = {
        "implied_cap_rate": f"a cap rate of {row['implied_cap_rate']:.1%} on the leases "
        f"(assumed {row['assumed_cap_rate']:.1%}), costs of capital moving by the same points",
        "implied_probability": _certain(row["implied_probability"], f"{row['approved_mw']:,.0f} MW of approved power"),
        "implied_usd_per_unlet_mw": f"{_per_mw(row['implied_usd_per_unlet_mw'])} per unleased MW",
        "implied_conversion_share": _leased(row["implied_conversion_share"]),
    }
    # A negative value solves the equation and means nothing: the other parts exceed the price already.
    implied = [text for name, text in texts_by_value.items() if state[name] not in MISSING and row[name] >= 0]
    floor, over = row["floor_per_share"], row["price_over_floor_usd"]
    blocks: list[Block] = [Text(f"The price implies, each alone: {'; '.join(implied)}.")] if implied else []
    if state["implied_probability"] not in MISSING and row["implied_probability"] < 0:
        blocks.append(Text("The other parts exceed the share price without any lease on approved power."))
    unsigned = f"{price(over)} of the share price reflects leases not yet signed"
    if over <= 0:
        unsigned = "the share price is below it and reflects no leases not yet signed"
    return [*blocks, Text(f"Execution floor {price(floor)}: {unsigned}.")]


def _certain(chance: float, on: str) -> str:
    """The probability of leases that a price implies, in words; above one there is none."""
    if chance > 1:
        return f"more than certain leases on {on} (no probability explains the price)"
    return f"a probability of {chance:.0%} of leases on {on}"


def _leased(share: float) -> str:
    """The share of secured power that a price takes for leased, in words; above one it is more than there is."""
    value = "at the sector's value of a leased MW"
    if share > 1:
        return f"more leased than all of secured power, {value} (no leased share explains the price)"
    return f"{share:.0%} of secured power leased, {value}"


def _tornado(nav: NavAnalysis, ticker: str) -> TableSpec:
    moved = nav.tornado(ticker)
    frame = moved[moved["span"] >= 0.005].rename_axis("driver")
    frame = frame.assign(driver_title=[DRIVERS[str(name)] for name in frame.index])
    for end in ("low_input", "high_input"):
        values = zip(frame.index, frame[end], strict=True)
        frame[end] = [f"{v:.2f}" if name == "delay" else f"x {v:.2f}" for name, v in values]
    columns = (
        Column("driver_title", "One driver changes"), Column("low_input", "Low input", "figures"),
        Column("high_input", "High input", "figures"), Column("low", "NAV per share at low", "usd_per_share", "NAV at low"),
        Column("high", "NAV per share at high", "usd_per_share", "NAV at high"), Column("span", "Range", "usd_per_share"),
    )  # fmt: skip
    return TableSpec("tornado", frame, columns)
