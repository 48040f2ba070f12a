"""`screener portfolio`: what is held, what it owns, what it can lose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screener.cli import output
from screener.cli.options import MACHINE, Asked, Command, screening_options

if TYPE_CHECKING:
    from screener.cli.context import Context
    from valuation.portfolio.report import PortfolioReport

FORMATS = ("xlsx", *MACHINE)
SCENARIO_NAMES = ("bitcoin", "gap-closes-down", "gap-closes-up", "tenant")


@click.group()
def portfolio() -> None:
    """Holdings from a broker's CSV or xlsx: value, look-through, risk, scenarios, limits.

    \b
    screener portfolio value positions.csv --as-of 2026-10-05
    screener portfolio risk schwab.csv fidelity.csv --fx CAD=0.72
    screener portfolio scenario bitcoin positions.csv

    Exports of Fidelity, Charles Schwab and Interactive Brokers (activity statement or flex query) load unchanged; so does
    any table with a symbol and a quantity: columns such as cost basis, average cost, price, market value, currency,
    account are found by their names. A negative quantity is a short; CASH, money markets and sweeps are cash; lots of one
    account are added. Several files are several accounts.
    """


def holdings_options(command: Command) -> Command:
    """What every command on holdings takes."""
    for option in reversed(
        (
            click.argument(
                "holdings", nargs=-1, required=True, metavar="HOLDINGS...", type=click.Path(path_type=Path)
            ),
            click.option("--fx", multiple=True, metavar="CODE=USD", help="USD per unit, as CAD=0.72; else of the source."),
            click.option(
                "--holdings-date", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
                help="Day that quantities are of, for splits since.  [default: the file's own, else the as-of date]",
            ),
            click.option("--allow-duplicates", is_flag=True, help="Equal lines are lots to be added, not a mistake."),
            click.option("--limits", type=click.Path(path_type=Path), metavar="FILE", help="TOML: [limits], name = number."),
            click.option("--weeks", type=click.IntRange(27, 1000), default=104, show_default=True, help="Of returns."),
            click.option(
                "--frequency", type=click.Choice(["weekly", "daily"]), default="weekly", show_default=True,
                help="Returns behind risk: weekly closes, or daily ones from a live source.",
            ),
            screening_options(FORMATS),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@portfolio.command()
@holdings_options
def value(asked: Asked, **options: Any) -> None:
    """Value holdings: prices, weights, profit and loss, and what they own inside their companies.

    \b
    screener portfolio value positions.csv --as-of 2026-10-05 --source bundled
    screener portfolio value positions.csv --fx CAD=0.72 --out portfolio.xlsx
    screener portfolio value positions.csv --format json,csv --out weekly/
    """
    from exports.terminal.portfolio import print_value

    context, report = _report(asked, options)
    print_value(context.console, report)
    _finish(context, report)


@portfolio.command()
@holdings_options
def risk(asked: Asked, **options: Any) -> None:
    """Measure what can be lost: volatility, value at risk, expected shortfall, betas, contributions, limits.

    \b
    screener portfolio risk positions.csv
    screener portfolio risk positions.csv --limits limits.toml --weeks 52
    """
    from exports.terminal.portfolio import print_risk

    context, report = _report(asked, options)
    print_risk(context.console, report)
    _finish(context, report)


@portfolio.command()
@click.argument("name", type=click.Choice(SCENARIO_NAMES))
@holdings_options
@click.option("--shock", type=click.FloatRange(-1, 10), default=-0.3, show_default=True, help="Change of bitcoin.")
@click.option(
    "--tenant", metavar="NAME", help="Counterparty that fails.  [default: the largest backlog looked through]"
)
@click.option(
    "--recovery", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Of its contracts' value."
)
def scenario(asked: Asked, name: str, **options: Any) -> None:
    """Stress holdings: bitcoin falls, the gap closes to 1 : 1, a tenant defaults.

    \b
    screener portfolio scenario bitcoin positions.csv --shock -0.5
    screener portfolio scenario gap-closes-down positions.csv
    screener portfolio scenario tenant positions.csv --tenant CoreWeave --recovery 0.3
    """
    from exports.terminal.portfolio import print_scenario
    from screener.errors import NotKnown

    context, report = _report(asked, options)
    chosen = tuple(s for s in report.scenarios if s.name == name)
    if not chosen:
        raise NotKnown("no position is a company with a signed contract: there is no tenant to fail")
    print_scenario(context.console, report, chosen)
    _finish(context, report)


def _report(asked: Asked, options: dict[str, Any]) -> tuple[Context, PortfolioReport]:
    import pandas as pd

    from screener import portfolio as job
    from screener.cli.context import Context

    context = Context.of(asked)
    day, limits = options["holdings_date"], options["limits"]
    more = {key: options[key] for key in ("shock", "tenant", "recovery") if key in options}
    settings = job.Settings(
        fx=job.parse_fx(options["fx"]),
        holdings_date=None if day is None else pd.Timestamp(day),
        allow_duplicates=options["allow_duplicates"],
        weeks=options["weeks"],
        frequency=options["frequency"],
        limits=job.load_limits(limits) if limits else None,
        **more,
    )
    holdings = job.read(options["holdings"], allow_duplicates=settings.allow_duplicates)
    with context.working() as data:
        return context, job.report(context.config, data, holdings, context.as_of, settings)


def _finish(context: Context, report: PortfolioReport) -> None:
    context.print_notes()
    out, stem = context.asked.out, f"portfolio_{report.as_of:%Y-%m-%d}"
    if "xlsx" in context.kinds:
        from exports.workbook.portfolio import write

        path = output.paths(out, stem, ["xlsx"], FORMATS)["xlsx"]
        write(report, path)
        context.written(path)
    machine = [kind for kind in context.kinds if kind != "xlsx"]
    if machine:
        from exports.tables.screening import of_portfolio

        beside = out.with_suffix(f".{machine[0]}") if out is not None and output.suffix(out, FORMATS) else out
        output.write(of_portfolio(report), beside, stem, machine, quiet=context.asked.quiet)
    context.finish()
