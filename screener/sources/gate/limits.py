"""How far a figure may be from its neighbours before it is held back: every threshold of the gate, with its reason.

The false alarms were counted on the weekly closes of the bundled universe from 29 December 2023 to 5 October 2026: 3,230
moves of 25 symbols. Moves are ratios of two closes on one share basis, over the median move of the other companies between
the same two days.
"""

from __future__ import annotations

import numpy as np

# Closes ---------------------------------------------------------------------------------------------------------------

# Two closes of one symbol and day agree to the rounding of the file; a missed split is off by a factor of at least 1.5.
SAME_DAY = 1.25
# From here on the last close is used, with a warning until a later one stands beside it: a 3-for-2 split not taken in is
# exactly so much. 16 of the 3,230 moves (0.5%), all real.
TOLD_MOVE = 1.5
# From here on the last close is held back until a later one confirms it, unless the company has moved so before (below).
# The largest moves of the 24 symbols other than SLNH are 1.776 (APLD, 6 June 2025) and 1/1.778 (ABTC, 5 December 2025): no
# false alarm. With 1.75 there would be three.
HELD_MOVE = 1.8
# What a company has shown: 2.2 times the mean of its three largest moves of the year before, in logarithms. SLNH moved
# 2.7 times in a week (26 September 2025), and up 2.2 and down to 0.39 in the two weeks to 18 July 2025; 2.12 would do.
SHOWN_TIMES, SHOWN_MOVES, SHOWN_DAYS, FEWEST_MOVES = 2.2, 3, 365, 8
# A company that moves much is still held back from here on: no week of the bundled universe reaches it.
MOST_HELD_MOVE = 3.0
# Beyond this no later close confirms a move: closes that stay there are on another share basis, in another unit or of
# another security, and a person has to say which. The largest real weekly move is 2.7.
MOST_CONFIRMED_MOVE = 4.0
# Limits hold for a week; over longer gaps they grow with the square root of time, up to this factor.
USUAL_GAP_DAYS, LONGEST_GAP_MOVE = 7, 6.0
# Fewer other companies have no median that one wrong close could not move.
FEWEST_PEERS = 3
# A median further from 1 is no market but a fault of the file or the source (a unit, a currency): it explains no move.
# The largest week of the sector is 1.34.
MOST_PEERS_MOVE = 1.5
# How far from a split's first day closes may change their basis; sources differ by some days in what they call the first.
SAME_SPLIT_DAYS = 10
# How long a move that a later close confirmed is still told: a month's committee papers.
TOLD_DAYS = 35

# Coins and the network ------------------------------------------------------------------------------------------------

# Bitcoin's largest weekly move in the bundled weeks is 1.25, its largest daily fall on record 39% (12 March 2020: 1.6).
COIN_MOVE = 1.6
# Price of one day at a source and in the network's row: the hours of a day differ, a factor does not.
SAME_COIN_DAY = 1.25
# Hashrate and difficulty move by 1.18 and 1.15 a week at most in the bundled weeks; the protocol allows difficulty 4.
NETWORK_MOVE = 1.6
# Reward falls by half at a halving, and fees can fall with it: 0.59 in the week of April 2024.
REWARD_MOVE = 2.5

# Figures of statements ------------------------------------------------------------------------------------------------

# Thousands in place of dollars are a factor of 1,000, of which growth may take a part. The largest real step of cash is 44
# (HUT, 30 June 2026), of debt 25 (RIOT, 31 December 2024), of bitcoin held 9.
OTHER_UNIT = 100.0
# Restricted cash is often small: 322 times at one bundled company.
OTHER_UNIT_SMALL = 500.0
# Steps of a vendor's figure from here on are used, with a warning.
TOLD_STEP = 10.0
# A listed company without a dollar of cash, where it had this much, is a line not filled in.
LARGE_CASH_USD = 1e6
# Debt can be repaid in full (WULF, 30 September 2024: 75.8m to none); a data vendor that shows none without a filing
# is held back where the reviewed sheet had this much.
LARGE_DEBT_USD = 10e6
# Two figures count as the same for the question whether two lines were swapped.
SWAPPED = 1.10
# Shares: a count shrinks by buy-backs, which are small; far below the reviewed count it leaves out a class of shares. It
# grows with every raise, at most 1.63 times between two counts of the bundled universe; a company that multiplies it by
# 2.5 within a year has more likely a split not taken in. Each further year allows half as much again: 2.5 after one year,
# 12.7 after five.
FEWEST_SHARES, FEWEST_SHARES_A_YEAR = 0.8, 0.9
MOST_SHARES, MOST_SHARES_A_YEAR = 2.5, 1.5
# A proposal out of a filing goes to a person in any case; beyond this it does so with the reason.
MOST_PROPOSED_SHARES = 3.0
# From here on a count is used, with a warning.
TOLD_SHARES = 2.0
YEAR_DAYS = 365.25


def most_shares(age_days: np.ndarray | float) -> np.ndarray | float:
    """The largest ratio of two share counts, one split basis, so many days apart."""
    return MOST_SHARES * MOST_SHARES_A_YEAR ** np.maximum(np.asarray(age_days) / YEAR_DAYS - 1, 0.0)


def fewest_shares(age_days: np.ndarray | float) -> np.ndarray | float:
    """The smallest ratio of two share counts, one split basis, so many days apart."""
    return FEWEST_SHARES * FEWEST_SHARES_A_YEAR ** np.maximum(np.asarray(age_days) / YEAR_DAYS - 1, 0.0)


def widened(limit: float, gap_days: float) -> float:
    """The logarithm of a limit over a gap of some days: that of a week, growing with the square root of time."""
    return min(np.log(limit) * max(1.0, gap_days / USUAL_GAP_DAYS) ** 0.5, max(np.log(LONGEST_GAP_MOVE), np.log(limit)))
