"""Net asset value in a terminal of 80 columns: all companies, or one with parts, methods, price and doubts."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import marked, number
from exports.terminal.layout import dense, points, said, small, table
from valuation.contracts.terms import CLOUD
from valuation.nav.analysis import NavAnalysis
from valuation.nav.caveats import caveats
from valuation.nav.monte_carlo import Simulation, tornado
from valuation.nav.parts import value_of_let_mw
from valuation.nav.sum_of_parts import NOT_IN_IT, UNSIGNED, VALUES

MILLION, BILLION = 1e6, 1e9
TITLES = {
    "leases_cap_rate_usd": "Leases, NOI over cap rate",
    "leases_dcf_usd": "Leases, DCF",
    "leases_base_term_usd": "Leases, base term alone",
    "gpu_cloud_usd": "GPU cloud, DCF",
    "gpu_cloud_base_term_usd": "GPU cloud, base term alone",
    "capex_to_spend_usd": "Capex still to spend",
    "approved_power_usd": "Approved power, no lease",
    "mining_power_usd": "Power in use for mining",
    "pipeline_usd": "Pipeline",
    "mining_usd": "Mining",
    "bitcoin_usd": "Bitcoin",
    "other_coins_usd": "Other coins",
    "cash_usd": "Cash",
    "restricted_cash_usd": "Restricted cash",
    "debt_after_conversion_usd": "Debt not converted",
    "finance_leases_usd": "Finance leases",
    "preferred_equity_usd": "Preferred equity",
    "noncontrolling_interest_usd": "Minorities",
    "customer_prepayments_usd": "Customer prepayments",
}
# Rows of the page: one line for what the three values hold in three ways.
LINES = (
    ("Leases", "leases_cap_rate_usd", "leases_dcf_usd", "leases_base_term_usd"),
    ("GPU cloud", "gpu_cloud_usd", "gpu_cloud_usd", "gpu_cloud_base_term_usd"),
    *((TITLES[name], name, name, name if name in VALUES["floor"] else "") for name in VALUES["nav_cap_rate"][2:]),
)
DRIVERS = {
    "bitcoin": "Bitcoin price",
    "hashprice": "Hashprice",
    "cap_rate": "Cap rates",
    "capex": "Capex",
    "delay": "Slip of starts (years)",
    "probability": "Chance of leases not signed",
}


def print_all(console: Console, worth: NavAnalysis, simulation: Simulation) -> None:
    """Every company: price, two net asset values, floor, spread, what the price implies."""
    nav = worth.nav
    rows, status = nav.table.droplevel("as_of"), nav.status.droplevel("as_of")
    console.print(f"[bold]Net asset value as of {worth.as_of:%Y-%m-%d}[/], USD per diluted share")
    known = rows.index[rows["nav_cap_rate_per_share"].notna() & status["nav_cap_rate_usd"].ne("not_meaningful")]
    shown = dense("", "Price", "By cap\nrate", "By\nDCF", "Floor", "P/NAV", "P/NAV\nDCF", "5% of\ndraws", "95% of\ndraws",
                  "Not\nsigned", "Conver-\nsion")  # fmt: skip
    for ticker in rows.loc[known].sort_values("p_nav_cap_rate", ascending=False).index:
        row, state = rows.loc[ticker], status.loc[ticker]
        outside = "*" if worth.book.excluded.droplevel("as_of")[ticker] else ""
        drawn = simulation.table.loc[ticker] if ticker in simulation.table.index else pd.Series(dtype=float)
        positive = row["nav_cap_rate_usd"] > 0
        unsigned = row[list(UNSIGNED)].fillna(0.0).sum() / row["nav_cap_rate_usd"] if positive else float("nan")
        shown.add_row(
            f"{ticker}{outside}",
            number(row["price_usd"]),
            marked(row["nav_cap_rate_per_share"], state["nav_cap_rate_per_share"]),
            number(row["nav_dcf_per_share"]),
            number(row["floor_per_share"]),
            marked(row["p_nav_cap_rate"], state["p_nav_cap_rate"]),
            marked(row["p_nav_dcf"], state["p_nav_dcf"]).rstrip("sp"),
            number(drawn.get("p5", float("nan"))),
            number(drawn.get("p95", float("nan"))),
            number(unsigned, "{:.0%}"),
            marked(row["implied_conversion_share"], state["implied_conversion_share"], "{:.0f}%", 0.01).rstrip("sp"),
        )
    console.print(shown)
    lost = [t for t in rows.index if t not in known]
    small(
        console,
        f"Floor: base terms alone, nothing more signed. Not signed: part of the value that is power without a lease. "
        f"Conversion: part of its secured power that the price takes for leased. Draws: {simulation.method}, "
        f"{simulation.draws:,} draws, seed {simulation.seed}; chances of leases are not drawn. s stale, p proxy, * outside "
        f"the statistics. No value: {', '.join(lost) or 'none'}.",
    )
    let, assumed = nav.value_per_let_mw_usd / MILLION, float(value_of_let_mw(worth.assumptions)) / MILLION
    console.print(
        f"A let MW is worth {number(let)} m USD net of its building in signed leases, {assumed:.2f} m assumed for leases to "
        "come."
    )
    said(console, *_words(worth, rows.loc[known], status.loc[known]))


def _words(worth: NavAnalysis, rows: pd.DataFrame, status: pd.DataFrame) -> tuple[list[str], list[str]]:
    """What the table allows to say and what it does not."""
    inside = worth.book.excluded.droplevel("as_of").reindex(rows.index) == ""
    ratio = rows.loc[inside & status["p_nav_cap_rate"].ne("not_meaningful"), "p_nav_cap_rate"].dropna()
    if ratio.empty:
        return [], ["No company has a net asset value on this date."]
    dear, cheap = ratio.idxmax(), ratio.idxmin()
    over = rows.loc[inside, "price_over_floor_usd"] / rows.loc[inside, "price_usd"]
    can = [
        f"The middle company trades at {ratio.median():.2f} of its net asset value (n = {len(ratio)}); {cheap} at "
        f"{ratio[cheap]:.2f}, {dear} at {ratio[dear]:.2f}.",
        f"Of the middle price {over.median():.0%} is paid for what is not signed yet (price over floor).",
    ]
    apart = (rows["nav_cap_rate_usd"] / rows["nav_dcf_usd"] - 1).abs()
    widest = apart.idxmax()
    most = [
        t for t in rows.index[inside] if rows.loc[t, list(UNSIGNED)].sum() > 0.5 * rows.loc[t, "nav_cap_rate_usd"] > 0
    ]
    cannot = [
        f"That a company is cheap: {NOT_IN_IT}. The two methods are up to {apart[widest]:.0%} apart ({widest}).",
        "How likely a lease is: the chances are assumed. More than half of the value rests on them at "
        f"{', '.join(most) or 'no company'}.",
        "One company's doubts: `screener nav TICKER`.",
    ]
    return can, cannot


def print_company(console: Console, worth: NavAnalysis, simulation: Simulation, ticker: str) -> None:
    """One company: parts that add up, contracts, what the price implies, tornado, draws, doubts."""
    nav = worth.nav
    row, state = (frame.xs(ticker, level="ticker").iloc[0] for frame in (nav.table, nav.status))
    console.print(f"[bold]{ticker}: net asset value as of {worth.as_of:%Y-%m-%d}[/], m USD")
    if pd.isna(row["nav_cap_rate_usd"]) or state["nav_cap_rate_usd"] == "not_meaningful":
        cause = nav.causes.xs(ticker, level="ticker")["nav_cap_rate_usd"].iloc[0]
        console.print(f"No net asset value: {cause}.")
        return
    _parts(console, row, state)
    _signed(console, nav.contracts[(nav.contracts["ticker"] == ticker) & (nav.contracts["left_out"] == "")])
    _implied(console, row, state)
    _tornado(console, worth, ticker)
    if ticker in simulation.table.index:
        drawn = simulation.table.loc[ticker]
        console.print(
            f"Draws: 5% {drawn['p5']:.2f}, 25% {drawn['p25']:.2f}, middle {drawn['p50']:.2f}, 75% {drawn['p75']:.2f}, 95% "
            f"{drawn['p95']:.2f}; above the price in {drawn['above_price']:.0%} of {simulation.draws:,} (seed "
            f"{simulation.seed})."
        )
    points(console, "What to doubt", caveats(worth, ticker))


def _parts(console: Console, row: pd.Series, state: pd.Series) -> None:
    shown = table("", "By cap rate", "By DCF", "Floor", "USD a share", "Status")
    shares = row["diluted_shares"]
    for title, *columns in LINES:
        values = [row[name] if name else 0.0 for name in columns]
        if all(pd.isna(v) for v in values) and state[columns[0]] == "not_meaningful":
            continue
        if state[columns[0]] == "ok" and all(v == 0 for v in values if not pd.isna(v)):
            continue
        cells = [number(v / MILLION, "{:,.0f}") if name else "-" for v, name in zip(values, columns, strict=True)]
        shown.add_row(title, *cells, number(values[0] / shares), state[columns[0]].replace("_", " "))
    shown.add_section()
    totals = [row[f"{name}_usd"] / MILLION for name in VALUES]
    shown.add_row(
        "Net asset value", *(f"{t:,.0f}" for t in totals), number(row["nav_cap_rate_per_share"]), "", style="bold"
    )
    shown.add_row("USD a share", *(number(row[f"{name}_per_share"]) for name in VALUES), "", "")
    ratios = [marked(row[f"p_{name}"], state[f"p_{name}"]).rstrip("sp") for name in ("nav_cap_rate", "nav_dcf")]
    shown.add_row(f"Price {row['price_usd']:.2f} over it", *ratios, "", "", "")
    console.print(shown)
    small(console, f"{shares / MILLION:,.1f} m diluted shares. {NOT_IN_IT[0].upper()}{NOT_IN_IT[1:]}.")


def _signed(console: Console, contracts: pd.DataFrame) -> None:
    if contracts.empty:
        return
    shown = table("Contract", "NOI\nm", "Rest of\nterm", "Lasting", "After\nterm", "Capex\nleft", "Starts\nin years")
    for row in contracts.itertuples():
        lasting = "-" if row.business == CLOUD else number(row.perpetuity_usd / MILLION, "{:,.0f}")
        shown.add_row(
            Text(row.contract_id, no_wrap=True, overflow="ellipsis"),
            number(row.forward_noi_usd / MILLION, "{:,.0f}"),
            number(row.term_usd / MILLION, "{:,.0f}"),
            lasting,
            number(row.residual_usd / MILLION, "{:,.0f}"),
            number(row.capex_to_spend_usd / MILLION, "{:,.0f}"),
            number(max(row.years_to_start, 0.0), "{:.1f}"),
        )
    console.print(shown)
    small(
        console,
        "Today's worth before any slip: NOI of the first year (EBITDA of GPU cloud); the rest of the base term as a DCF; "
        "lasting: NOI over the cap rate (leases only); what goes on after the base term.",
    )


def _implied(console: Console, row: pd.Series, state: pd.Series) -> None:
    lines = []
    if state["implied_cap_rate"] not in ("missing", "not_meaningful"):
        lines.append(
            f"a cap rate of {row['implied_cap_rate']:.1%} on the leases (assumed {row['assumed_cap_rate']:.1%})"
        )
    if state["implied_probability"] not in ("missing", "not_meaningful"):
        lines.append(
            f"a chance of {row['implied_probability']:.0%} for leases on {row['approved_mw']:,.0f} MW of approved power"
        )
    if state["implied_usd_per_unlet_mw"] not in ("missing", "not_meaningful"):
        lines.append(f"{row['implied_usd_per_unlet_mw'] / MILLION:.2f} m USD per MW without a lease")
    if state["implied_conversion_share"] not in ("missing", "not_meaningful"):
        lines.append(
            f"{row['implied_conversion_share']:.0%} of the secured power leased, at the sector's value of a let MW"
        )
    if lines:
        console.print(Text("The price implies, each alone: " + "; ".join(lines) + "."))
    floor, over = row["floor_per_share"], row["price_over_floor_usd"]
    console.print(f"Floor {floor:.2f}: the price pays {over:.2f} a share for what is not signed.")


def _tornado(console: Console, worth: NavAnalysis, ticker: str) -> None:
    shown = table("One driver moves", "Input low", "Input high", "USD at low", "USD at high", "Span")
    for driver, row in tornado(worth.nav, ticker).iterrows():
        if row["span"] < 0.005:
            continue
        shape = "{:.2f}" if driver == "delay" else "x {:.2f}"
        shown.add_row(
            DRIVERS[str(driver)], shape.format(row["low_input"]), shape.format(row["high_input"]), number(row["low"]),
            number(row["high"]), number(row["span"]),
        )  # fmt: skip
    console.print(shown)
