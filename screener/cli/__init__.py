"""The command line: parses, calls the library, prints. Commands import what they need when they run."""

from __future__ import annotations

import gc
import os
import sys

import click

from exports.terminal import stream
from screener._version import __version__
from screener.cli.lazy import LazyGroup
from screener.errors import EXPECTED, exit_code
from screener.secrets import mask

COMMANDS = {
    "Screen and study": {
        "run": ("screener.cli.run:run", "the screen of the miners, today, into screens/"),
        "screen": ("screener.cli.rules:screen", "companies that meet a rule; alone: the bundled screens"),
        "metrics": ("screener.cli.rules:metrics", "every metric, and what rules are made of"),
        "explain": ("screener.cli.explain:explain", "one figure walked back to its facts, and what would change it"),
        "backtest": ("screener.cli.backtest:backtest", "what a screen would have earned, and how sure that is"),
        "gap": ("screener.cli.gap:gap", "the valuation gap under every definition, with its uncertainty"),
        "regress": ("screener.cli.regress:regress", "the regression on contracted AI share, with its checks"),
        "mix": ("screener.cli.mix:mix", "revenue mix, and when AI revenue exceeds mining revenue"),
        "events": ("screener.cli.events:events", "price reactions to contracts and capital raises"),
        "signing": ("screener.cli.signing:signing", "whether price, EV and EV/MW move when a first contract is signed"),
        "indicators": ("screener.cli.indicators:indicators", "revenue mix, contracts, power by use, prices, by week"),
        "claims": ("screener.cli.claims:claims", "what was said in public, checked against the figures"),
    },
    "Value companies and holdings": {
        "company": ("screener.cli.company:company", "one company on one page: EV, power, contracts, NAV, sources"),
        "comparables": ("screener.cli.comparables:comparables", "data-centre companies and deals beside the miners"),
        "contracts": ("screener.cli.nav:contracts", "signed contracts: counterparty, term, rent, capex to complete"),
        "mining": ("screener.cli.nav:mining", "hashprice, fleets, and what AI earns on the same MW"),
        "nav": ("screener.cli.nav:nav", "net asset value by parts, execution floor, what the price implies"),
        "scenario": ("screener.cli.scenario:scenario", "scenarios: bitcoin falls, a tenant defaults, starts slip"),
        "assumptions": ("screener.cli.scenario:assumptions", "every assumption, as a file to edit"),
        "portfolio": ("screener.cli.portfolio:portfolio", "holdings from a broker's file: value, risk, scenarios"),
    },
    "Keep and compare": {
        "weekly": ("screener.cli.weekly:weekly", "the week's run, if due: stored, compared, reported"),
        "diff": ("screener.cli.history:diff", "what changed since the previous run"),
        "overrides": ("screener.cli.overrides:overrides", "what somebody changed in a workbook, as a file to replay"),
        "compare": ("screener.cli.compare:compare", "two runs by meaning: workbooks, JSON files or stored runs"),
        "history": ("screener.cli.history:history", "the stored runs"),
        "site": ("screener.cli.site:site", "the stored runs as a folder of pages, with a feed"),
        "backfill": ("screener.cli.weekly:backfill", "the history of past weeks, point in time"),
        "schedule": ("screener.cli.schedule:schedule", "the weekly run in cron or systemd"),
    },
    "Renew the data": {
        "update": ("screener.cli.update:update", "ask prices, network and filings for what is due, keep the answers"),
        "filings": ("screener.cli.filings:filings", "what was filed with the SEC, with links; next reports expected"),
        "facts": ("screener.cli.facts:facts", "where each figure comes from; propose, accept and reject new ones"),
    },
    "Set up": {
        "universe": ("screener.cli.universe:universe", "the universes that can be screened: list, show, check, new"),
        "methods": ("screener.cli.methods:methods", "what every figure is, and how it is computed"),
        "doctor": ("screener.cli.schedule:doctor", "check whether this installation is ready for unattended runs"),
    },
}


@click.group(
    cls=LazyGroup,
    listing=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="screener")
def cli() -> None:
    """What is a megawatt worth? Screen listed bitcoin miners that turn to AI infrastructure.

    Exit codes: 0 done, 1 could not write, 2 bad input, 3 a source failed, 4 stale or incomplete data (--strict), or a
    stored run dated beyond its closes or a clock, 5 done and an alert was raised, 6 another run is at work.
    """


def main() -> None:
    """Entry point: every error is one line on stderr and its own exit code; no secret leaves, whatever prints it."""
    # A command ends in seconds; looking for garbage at every 700 objects while the libraries load takes a twentieth.
    gc.set_threshold(100_000, 50, 100)
    # One thread is enough for matrices of tens of rows, and it adds in the same order whatever the number of cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    stream.guard(mask)
    code = _run()
    unwritten = stream.finish()
    if unwritten is not None:
        click.echo(f"screener: {unwritten.filename}: {unwritten.strerror}", err=True)
        stream.finish()
    # Python looks for garbage once more as it ends, among all the objects there are: a twentieth of the run.
    gc.freeze()
    sys.exit(code or int(unwritten is not None))


def _run() -> int:
    """The exit code of the command that was asked for."""
    try:
        cli(prog_name="screener")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except EXPECTED as error:
        click.echo(f"screener: {error}", err=True)
        return exit_code(error)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"screener: {place}{error.strerror or error}; no partial file was left behind", err=True)
        return 1
    except Exception:  # the last resort: what no one expected is told as a fault of the program, with an exit code
        # As one text, so that a secret that stands on two of its lines is found.
        import traceback

        click.echo(traceback.format_exc(), err=True, nl=False)
        click.echo("screener: this is a fault of the program; please report it with the lines above", err=True)
        return 1
    return 0
