"""Kinds of holdings, and what a row of each is worth and exposes to."""

from __future__ import annotations

EQUITY, FUND, COIN, CASH = "equity", "fund", "coin", "cash"
OPTION, FUTURE, BOND, CFD = "option", "future", "bond", "cfd"
# Valued at a close where one is known, else at the file's price.
AT_CLOSE = (EQUITY, FUND, COIN)
# Whose price follows that of something else.
DERIVATIVES = (OPTION, FUTURE, CFD)
# Quoted for a part or a multiple of one unit of quantity: per share, per point, per cent of par.
QUOTED_BY_UNIT = (OPTION, FUTURE, BOND)
# Whose notional stands in no balance: the value is zero, or the profit so far.
AT_NOTIONAL = (FUTURE, CFD)
