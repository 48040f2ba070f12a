"""`screener filings`: what the companies filed with the SEC, and when the next report is expected."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli.options import MACHINE, now, universe_option

BACK_DAYS = 90


@click.command()
@click.argument("ticker", required=False)
@universe_option
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help=f"First filing day.  [default: {BACK_DAYS} days ago]",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File or folder to write to.")
@click.option("--format", "wanted", metavar="LIST", help=f"Of {', '.join(MACHINE)}, separated by commas.")
def filings(ticker: str | None, universe: str, since: datetime | None, out: Path | None, wanted: str | None) -> None:
    """What was filed with the SEC, by form and 8-K item, with links; and the next report expected, marked as such.

    Reads what `screener update` kept; nothing is asked over the network.

    \b
    screener filings RIOT --since 2026-08-01
    screener filings --format csv
    """
    import pandas as pd

    from exports.tables.filings import filings_page
    from exports.terminal.render import console, print_page
    from screener import universes
    from screener.cli import output
    from screener.errors import NotKnown, did_you_mean
    from screener.ledger import Ledger
    from screener.sources.edgar import calendar, listing
    from screener.sources.edgar.client import SOURCE

    kinds = output.kinds(out, wanted, MACHINE, "")
    loaded = universes.load(universe)
    tickers = list(loaded.companies["ticker"])
    if ticker is not None:
        if ticker.upper() not in tickers:
            raise NotKnown(f"no company {ticker} in {loaded.name}{did_you_mean(ticker.upper(), tickers)}")
        tickers = [ticker.upper()]
    today = pd.Timestamp(now()).tz_localize(None).normalize()
    first = today - pd.Timedelta(days=BACK_DAYS) if since is None else pd.Timestamp(since)
    with Ledger.open(create=False) as ledger:
        known = ledger.filings(tickers)
        asked = ledger.asked(SOURCE)
    known = known[known["source"] == SOURCE].drop(columns=["source", "seen_at"])
    answered = asked.loc[(asked["what"] == "submissions") & asked["subject"].isin(tickers), "good"].dropna()
    rows, hidden = listing.listed(known, first, today)
    seen = None if answered.empty else answered.max()
    page = filings_page(rows, calendar.expected(known, today), first, seen, hidden)
    print_page(page, console())
    output.write(page, out, f"{loaded.name}_{today:%Y-%m-%d}_filings", kinds, quiet=False)
