"""The ledger: what the sources told, on this machine, added to and never changed; every command can read it offline.

with Ledger.open(None) as ledger:
    added = ledger.add(Told("yahoo", closes=...), now)
    closes = ledger.closes(["RIOT"])
"""

from screener.ledger.ledger import Added, Ledger
from screener.ledger.place import default_path
from screener.ledger.reading import Answer
from screener.sources.told import Outcome, Told

__all__ = ["Added", "Answer", "Ledger", "Outcome", "Told", "default_path"]
