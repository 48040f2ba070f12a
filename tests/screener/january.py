"""16 January 2026 by hand: three enterprise values from the rows of the miners' files, and the gap that they decide.

Price x diluted shares + debt not converted - cash - bitcoin at 95,491.29 USD (network.csv), over secured MW (capacity.csv):

- RIOT: 371,807,186 shares (29 October) + 594.4m of notes at 14.86, so 871.8m - 594.4m of debt; cash 330.7m + 161.6m of
  bitcoin sold on 31 December, restricted cash 75.6m of the same day as the cash; 16,925 bitcoin; 1,800 MW.
- CORZ: 310.06m shares + warrants on 96.361m at 6.81 (treasury stock) + 460m of notes at 11.00, so 1,085m - 460m of debt;
  cash 453.4m; 2,150 bitcoin; 1,300 MW. The notes at 22.49 are out of the money.
- KEEL: 563m shares, debt 688m, cash 637m, 1,827 bitcoin; 771 MW. Notes at 6.86 and warrants at 5.69 are out of the money.
- BTDR: 232.4m shares, debt 1,563.1m, cash 196.3m + 200m of the notes of 13 November + 148.6m of the shares of
  19 November, 2,029 bitcoin; 2,361 MW. Restricted cash of June is older than the cash, so it is not deducted.

CORZ is the median of the seven companies of the AI group, KEEL and BTDR are the middle two of the six mining companies.
"""

from __future__ import annotations

BITCOIN = 95_491.29
RIOT_SHARES = 371_807_186 + 594.4e6 / 14.86
RIOT_EV = 19.24 * RIOT_SHARES + (871.8e6 - 594.4e6) - (330.7e6 + 161.6e6) - 75.6e6 - 16_925 * BITCOIN
RIOT = RIOT_EV / 1_800 / 1e6
# A week before: 15.32 USD a share, 18,005 bitcoin at 90,265.31 USD, all else the same.
RIOT_BEFORE = (15.32 * RIOT_SHARES + 277.4e6 - 492.3e6 - 75.6e6 - 18_005 * 90_265.31) / 1_800 / 1e6
CORZ_SHARES = 310.06e6 + 96.361e6 * (1 - 6.81 / 18.89) + 460e6 / 11.00
CORZ = (18.89 * CORZ_SHARES + (1_085e6 - 460e6) - 453.4e6 - 2_150 * BITCOIN) / 1_300 / 1e6
KEEL = (2.95 * 563e6 + 688e6 - 637e6 - 1_827 * BITCOIN) / 771 / 1e6
BTDR = (15.84 * 232.4e6 + 1_563.1e6 - (196.3e6 + 200e6 + 148.6e6) - 2_029 * BITCOIN) / 2_361 / 1e6
MINING = (KEEL + BTDR) / 2
GAP = CORZ / MINING
