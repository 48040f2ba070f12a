"""16 January 2026 by hand: enterprise values from the rows of the miners' files, and the gap that they decide.

Price x diluted shares + debt not converted - cash - bitcoin at 95,491.29 USD (network.csv), over secured MW (capacity.csv):

- RIOT: 371,807,186 shares (29 October) + 594.4m of notes at 14.86, so 871.8m - 594.4m of debt; cash 330.7m + 161.6m of
  bitcoin sold on 31 December, restricted cash 75.6m of the same day as the cash; 16,925 bitcoin; 1,800 MW.
- CORZ: 310.06m shares + warrants on 96.361m at 6.81 (treasury stock) + 460m of notes at 11.00, so 1,085m - 460m of debt;
  cash 453.4m; 2,150 bitcoin; 1,300 MW. The notes at 22.49 are out of the money.
- KEEL: 563m shares, debt 688m, cash 637m, 1,827 bitcoin; 771 MW. Notes at 6.86 and warrants at 5.69 are out of the money.
- BTDR: 232.4m shares, debt 1,563.1m, cash 196.3m + 200m of the notes of 13 November + 148.6m of the shares of
  19 November, 2,029 bitcoin; 2,361 MW. Restricted cash of June is older than the cash, so it is not deducted.

CORZ is the median of the seven companies of the AI group, KEEL and BTDR are the middle two of the six mining companies.

The typical ratio is the geometric mean of the 21st and 22nd of the 42 ratios of an AI-group company to a mining company,
which are BTBT over HIVE and IREN over CLSK:

- BTBT: 323.54m shares; debt 150m of 2 October, preferred 9.05m and minority 139.4m; cash 179.1m, restricted 3.7m,
  6.1 bitcoin, ether at 423.0m; 108 MW. Its notes at 4.16 are out of the money.
- HIVE: 204.33m shares; debt 23.15m, cash 19m, 250 bitcoin; 430 MW.
- IREN: 328.34m shares of 26 December + notes of 2,300m at 51.40, 212.3m at 16.81 and 233.4m at 13.64; those of 1,000m at
  85.63 stay debt; cash 1,800m of 31 October + 2,069m of December's notes, no bitcoin; 2,910 MW.
- CLSK: 255.58m shares; debt 1,800m, finance leases 23 thousand; cash 600m, 13,099 bitcoin; 1,312 MW. Notes at 14.80 and
  19.16 are out of the money.

The interval of 7 against 6 runs from the 7th to the 36th of the 42 (critical U of 6 in tables of the rank-sum test).
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
MEDIANS = CORZ / MINING
BTBT = (
    (2.37 * 323.54e6 + 150e6 + 9.05e6 + 139_427_711 - 179_118_182 - 3_732_792 - 422_988_896 - 6.1 * BITCOIN) / 108 / 1e6
)
HIVE = (3.47 * 204.33e6 + 23.15e6 - 19e6 - 250 * BITCOIN) / 430 / 1e6
IREN_SHARES = 328.34e6 + 2_300e6 / 51.40 + 212.3e6 / 16.81 + 233.4e6 / 13.64
IREN = (57.82 * IREN_SHARES + 1_000e6 - (1_800e6 + 2_069e6)) / 2_910 / 1e6
CLSK = (13.37 * 255_583_445 + 1_800e6 + 23e3 - 600e6 - 13_099 * BITCOIN) / 1_312 / 1e6
GAP = (BTBT / HIVE * IREN / CLSK) ** 0.5
