"""Mining in a terminal of 80 columns: hashprice, fleets, what AI earns on the same MW, the network, a flexible site."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import marked, number
from exports.terminal.layout import dense, small, table, warn
from valuation.mining.economics import NEXT_HALVING, Mining, network_scenario
from valuation.mining.flexible_load import Site, Split
from valuation.nav.analysis import NavAnalysis

MILLION = 1e6
MONTHS_SHOWN = 6
LEAVING = (0.0, 0.1, 0.2, 0.3)
NAMES = {"lease": "leases", "gpu_cloud": "GPU cloud"}


def print_mining(console: Console, worth: NavAnalysis) -> None:
    """Hashprice and fleets, the compute ratio, and the network when hashrate leaves."""
    mining, a = worth.mining, worth.assumptions
    row = mining.table.iloc[0]
    state = mining.status["hashprice_usd"].iloc[0]
    console.print(f"[bold]Mining as of {worth.as_of:%Y-%m-%d}[/], USD; hashprice is per PH/s per day")
    if pd.isna(row["hashprice_usd"]):
        warn(console, "Hashprice is unknown on this date, so nothing can be valued.")
        return
    console.print(f"[bold]Hashprice {row['hashprice_usd']:.1f}[/]" + (f" ({state})" if state != "ok" else ""))
    if state != "ok":
        warn(
            console,
            f"{mining.causes['hashprice_usd'].iloc[0]}: the reward per PH/s of the last known week at today's price.",
        )
    months = mining.weekly.resample("MS").mean().tail(MONTHS_SHOWN)
    told = ", ".join(f"{month:%b %Y} {value:.1f}" for month, value in months.items())
    small(console, f"Means of weeks: {told}.")
    _fleets(console, mining)
    _ratio(console, worth)
    once = ~worth.book.excluded.str.startswith("consolidated").to_numpy(dtype=bool)
    _network(console, mining, once, a.hashrate_refill, a.halving_recovery)


def _fleets(console: Console, mining: Mining) -> None:
    table_, status = mining.table.droplevel("as_of"), mining.status.droplevel("as_of")
    shown = dense("", "EH/s", "J/TH", "USD\na kWh", "MW", "Rev.\nm USD", "Margin\nm USD", "Margin", "m/MW", "Break-\neven",
                  "kWh at\nmost")  # fmt: skip
    mines = table_.index[table_["hashrate_eh"] > 0]
    for ticker in table_.loc[mines].sort_values("hashrate_eh", ascending=False).index:
        row, state = table_.loc[ticker], status.loc[ticker]
        shown.add_row(
            ticker,
            *(
                marked(row[name], state[name], shape, scale)
                for name, shape, scale in (
                    ("hashrate_eh", "{:.1f}", 1.0),
                    ("j_per_th", "{:.1f}", 1.0),
                    ("power_usd_per_kwh", "{:.3f}", 1.0),
                    ("fleet_mw", "{:,.0f}", 1.0),
                )
            ),
            number(row["revenue_usd"] / MILLION, "{:,.0f}"),
            marked(row["margin_usd"], state["margin_usd"], "{:,.0f}", MILLION),
            number(row["margin_share"], "{:.0%}"),
            number(row["revenue_usd_per_mw"] / MILLION, "{:.2f}"),
            number(row["breakeven_hashprice_usd"], "{:.1f}"),
            number(row["breakeven_power_usd_per_kwh"], "{:.3f}"),
        )
    console.print(shown)
    none = [t for t in table_.index if table_.loc[t, "hashrate_eh"] == 0]
    unknown = [t for t in table_.index if pd.isna(table_.loc[t, "hashrate_eh"])]
    small(
        console,
        "A year. Margin: revenue less power, before all else. m/MW: revenue per MW. Breakeven: hashprice at which power is "
        "just paid; kWh at most: USD per kWh at which it is. s stale, p proxy: deployed hashrate x uptime, hashrate "
        f"from revenue, or an assumed efficiency or power cost. Mines nothing: {', '.join(none) or 'none'}. Unknown: "
        f"{', '.join(unknown) or 'none'}.",
    )


def _ratio(console: Console, worth: NavAnalysis) -> None:
    ratio = worth.compute_ratio
    if ratio.empty:
        return
    shown = table("AI over mining", "Contracts", "m USD per\nIT MW", "Mining\nm per MW", "Ratio", "Low", "High",
                  "Per\ngross MW")  # fmt: skip
    for business, row in ratio.iterrows():
        shown.add_row(
            NAMES[str(business)], str(int(row["contracts"])), number(row["ai_usd_per_it_mw"] / MILLION),
            number(row["mining_usd_per_mw"] / MILLION), f"{row['ratio']:.1f}x", f"{row['ratio_low']:.1f}x",
            f"{row['ratio_high']:.1f}x", f"{row['ratio_per_gross_mw']:.1f}x",
        )  # fmt: skip
    console.print(shown)
    if "gpu_cloud" in ratio.index:
        console.print(
            f"Claim: 10 MW of GPUs earn as much as 100 MW of mining. Measured: as much as "
            f"{10 * ratio.loc['gpu_cloud', 'ratio']:.0f} MW, before the GPUs are paid."
        )
    fleets = int(ratio["fleets"].iloc[0])
    small(
        console,
        "Revenue a year over revenue a year: rent of leases; GPU cloud before its GPUs. Medians of contracts with revenue "
        "and MW. Mining: median of "
        + (f"{fleets} fleets that report their efficiency." if fleets else "the assumed efficiency, none is reported."),
    )


def _network(console: Console, mining: Mining, once: np.ndarray, refill: float, recovery: float) -> None:
    shown = table("Hashrate that leaves", "Hashprice", "Margin\nm USD", "Change", "Fleets\noff", "After\nhalving",
                  "Fleets\noff")  # fmt: skip
    base = mining.table.loc[once, "margin_usd"].clip(lower=0.0).sum() / MILLION
    for leaving in LEAVING:
        now = network_scenario(mining, leaving=leaving, refill=refill)
        then = network_scenario(mining, leaving=leaving, refill=refill, halving=True, halving_recovery=recovery)
        now, then = now[once], then[once]
        margin, later = (frame["margin_usd"].sum() / MILLION for frame in (now, then))
        shown.add_row(
            f"{leaving:.0%}", f"{now['hashprice_usd'].iloc[0]:.1f}", f"{margin:,.0f}",
            f"{margin / base - 1:+.0%}" if base > 0 else "n.m.", str(int(now["switched_off"].sum())), f"{later:,.0f}",
            str(int(then["switched_off"].sum())),
        )  # fmt: skip
    console.print(shown)
    small(
        console,
        f"Difficulty follows; {refill:.0%} of what leaves is refilled by others. After halving: {NEXT_HALVING:%B %Y} at "
        f"today's bitcoin price, {recovery:.0%} of the fall made up. Margins a year of all known fleets, a subsidiary's "
        "within its parent's; a fleet that loses money is off.",
    )


def print_site(console: Console, site: Site, split: Split, prices: np.ndarray, source: str) -> None:
    """The best use of a flexible site beside all mining and the largest lease."""
    console.print(f"\n[bold]A site of {site.site_mw:g} MW, {site.firm_mw:g} firm[/]: lease in front, mining behind")
    if not source:
        warn(console, "The power prices are made up (see Assumptions): give --power-prices where the answer matters.")
    path = np.asarray(prices, dtype=float)
    credit = float(np.max(site.credit_usd_per_mwh))
    console.print(
        f"{path.size:,} hours{f' of {source}' if source else ''}: mean {path.mean():.1f}, from {path.min():.1f} to "
        f"{path.max():.1f} USD per MWh; mining earns {site.mining_usd_per_mwh:.1f}, a credit pays {credit:.1f} for up to "
        f"{site.credit_hours:g} hours a year and {site.credit_mw:g} MW."
    )
    shown = table("m USD a year", "Best", "All mining", "Most leased")
    totals = (split.total_usd, split.all_mining_usd, split.most_leased_usd)
    shown.add_row("Total", *(number(total / MILLION) for total in totals))
    shown.add_row(f"Lease of {split.lease_mw:g} MW", number(split.lease_usd / MILLION), "", "")
    shown.add_row("Mining after power", number(split.mining_usd / MILLION), "", "")
    shown.add_row("Credits", number(split.credit_usd / MILLION), "", "")
    console.print(shown)
    if split.lease_mw < site.site_mw:
        console.print(Text(f"The interruptible part mines {split.mining_share:.0%} of the time."))
    rent = site.lease_usd_per_mw_year / MILLION
    small(
        console,
        f"Exact (mixed-integer linear programme, HiGHS). A leased MW earns {rent:.2f} m a year after its building; the "
        f"fleet of {site.j_per_th:.1f} J/TH is there and costs nothing. Blocks of {site.block_mw:g} MW.",
    )
