"""The command line: parses, calls the library, prints. Commands import what they need when they run."""

from __future__ import annotations

import gc
import sys

import click

from screener._version import __version__
from screener.cli.backtest import backtest
from screener.cli.events import events
from screener.cli.gap import gap
from screener.cli.history import diff, history
from screener.cli.mix import mix
from screener.cli.nav import contracts, mining, nav
from screener.cli.portfolio import portfolio
from screener.cli.regress import regress
from screener.cli.rules import metrics, screen
from screener.cli.run import run
from screener.cli.scenario import assumptions, scenario
from screener.cli.schedule import doctor, schedule
from screener.cli.universe import universe
from screener.cli.weekly import backfill, weekly
from screener.errors import EXPECTED, exit_code


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="screener")
def cli() -> None:
    """What is a megawatt worth? Screen listed bitcoin miners that turn to AI infrastructure.

    \b
    screener run              the screen of the miners, today, into screens/
    screener screen           who meets a rule; alone: the bundled screens
    screener metrics          what every metric is, and what rules are made of
    screener backtest         what a screen would have earned, and how much that says
    screener portfolio value  holdings from a broker's file: value, look-through; also risk, scenario
    screener gap              the gap under every definition, and what can be said
    screener regress          the regression, with all that a dozen companies need
    screener mix              revenue mix, and when AI passes mining
    screener events           what contracts and capital raises did to prices
    screener contracts        what is signed, with whom, when it pays, what it still costs
    screener mining           hashprice, fleets, and what AI earns on the same MW
    screener nav              net asset value by parts, floor, what the price implies
    screener scenario list    what-ifs: bitcoin falls, a tenant defaults, starts slip
    screener assumptions      every number of judgement, as a file to edit
    screener universe list    the universes that can be screened
    screener weekly           the week's run, if due: kept, compared, told
    screener diff             what changed since the run before
    screener history list     the runs that were kept
    screener backfill         history, written after the event
    screener schedule install the weekly run in cron or systemd
    screener doctor           is this installation fit to run by itself?

    Exit codes: 0 done, 1 could not write, 2 bad input, 3 a source failed, 4 stale or incomplete data (--strict),
    5 done and an alert was raised, 6 another run is at work.
    """


QUESTIONS = (run, screen, metrics, backtest, portfolio, gap, regress, mix, events)
OF_WORTH = (contracts, mining, nav, scenario, assumptions)
for command in (*QUESTIONS, *OF_WORTH, universe, weekly, diff, history, backfill, schedule, doctor):
    cli.add_command(command)


def main() -> None:
    """Entry point: every error raised on purpose is one line on stderr and its own exit code."""
    # A command ends in seconds; looking for garbage at every 700 objects while the libraries load takes a twentieth.
    gc.set_threshold(100_000, 50, 100)
    try:
        cli(prog_name="screener")
    except EXPECTED as error:
        click.echo(f"screener: {error}", err=True)
        sys.exit(exit_code(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"screener: {place}{error.strerror or error}; no partial file was left behind", err=True)
        sys.exit(1)
