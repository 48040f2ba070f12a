"""The kind of each row: equity, fund, coin, cash, option, future, bond or CFD, from its columns, symbol and name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from screener.holdings import currencies
from screener.holdings.contracts import CALL, PUT, Contract, contract_of
from screener.holdings.days import MDY, days_of
from screener.holdings.identifiers import is_debt_cusip
from valuation.portfolio.kinds import BOND, CASH, CFD, COIN, EQUITY, FUND, FUTURE, OPTION

KINDS = (EQUITY, FUND, COIN, CASH, OPTION, FUTURE, BOND, CFD)
CASH_TICKER = "CASH"
# Words of a column of kinds, without case and signs, in the languages of the brokers.
WORDS: dict[str, str] = {
    **dict.fromkeys(
        ("stock", "stocks", "stk", "equity", "equities", "share", "shares", "commonstock", "commonshares", "common",
         "ordinaryshare", "ordinaryshares", "cs", "preferred", "preferredstock", "reit", "adr", "ads", "aktie", "aktien",
         "action", "actions", "aandeel", "aandelen", "accion", "acciones", "azione", "azioni", "usequity", "domesticstock",
         "internationalstock", "canadianequity", "cdr", "gdr", "depositaryreceipt"), EQUITY),
    **dict.fromkeys(
        ("fund", "funds", "etf", "etfs", "etfetc", "etp", "etn", "etc", "etfsclosedendfunds", "mutualfund", "mutualfunds",
         "closedendfund", "closedendfunds", "cef", "fonds", "indexfund", "fnd", "exchangetradedfund", "ucits", "trust",
         "unittrust", "investmenttrust", "fondo", "fondi", "openendfund", "commodity"), FUND),
    **dict.fromkeys(
        ("coin", "coins", "crypto", "cryptos", "cryptocurrency", "cryptocurrencies", "krypto", "kryptowahrung",
         "digitalcurrency", "digitalasset", "digitalassets", "virtualcurrency"), COIN),
    **dict.fromkeys(
        ("cash", "cashandmoneymarket", "cashandcashinvestments", "cashequivalent", "cashequivalents", "cashandequivalents",
         "moneymarket", "moneymarketfund", "moneymarketfunds", "mmf", "sweep", "cashsweep", "banksweep", "liquidity",
         "bargeld", "konto", "liquidites", "currency", "forex", "efectivo", "liquidita", "geld"), CASH),
    **dict.fromkeys(
        ("option", "options", "opt", "equityoption", "equityoptions", "equityandindexoptions", "stockoption",
         "stockoptions", "call", "put", "calls", "puts", "calloption", "putoption", "optioncall", "optionput",
         "equityoptionscontracts", "indexoption"), OPTION),
    **dict.fromkeys(
        ("future", "futures", "fut", "futurescontract", "cryptofuture", "cryptofutures", "futurs"), FUTURE),
    **dict.fromkeys(
        ("bond", "bonds", "bnd", "fixedincome", "corporatebond", "corporatebonds", "corpbond", "corporate", "treasury",
         "treasuries", "treasurybond", "treasurybill", "treasurynote", "tbill", "bill", "bills", "note", "notes",
         "convertiblebond", "convertiblenote", "convertible", "municipalbond", "governmentbond", "anleihe", "anleihen",
         "obligation", "obligations", "obligatie", "obligaties", "bono", "obbligazione", "cd", "certificateofdeposit",
         "debt", "debenture"), BOND),
    **dict.fromkeys(("cfd", "cfds", "contractfordifference", "contractsfordifference"), CFD),
}  # fmt: skip
# Money-market funds and sweep accounts that brokers list by ticker; with another price than one they are something else.
_CASH_TICKER = re.compile(
    r"CASH.*|.*\*\*|[A-Z]{3}XX|QACDS|IDA12|MMDA\d*|BDPS|\$\$CASH|FCASH|CORE|USD\s*CASH|CASH ?& ?CASH.*|MONEY ACCOUNTS?|"
    r"PENDING ACTIVITY.*|SWEEP.*|BANK (SWEEP|DEPOSIT).*|SETTLEMENT FUND.*|UNSETTLED CASH.*|CORE ACCOUNT.*"
)  # fmt: skip
_CASH_NAME = re.compile(
    r"HELD IN MONEY MARKET|\bMONEY MARKET\b|\bBANK (SWEEP|DEPOSIT)\b|SWEEP (PROGRAM|ACCOUNT)|DIRECT DEPOSIT PROGRM"
)
_CASH_LINE = re.compile(
    r"(CASH|SETTLED|UNSETTLED|AVAILABLE|BALANCE|LIQUIDIT|KONTO|BARGELD|VERRECHNUNGSKONTO|TAGESGELD)\b.*"
)
_MONEY_MARKET_TICKERS = {
    "SPAXX",
    "FDRXX",
    "SWVXX",
    "VMFXX",
    "FZFXX",
    "SPRXX",
    "SNVXX",
    "SNSXX",
    "SNAXX",
    "SNOXX",
    "VMRXX",
}
_FUND_NAME = re.compile(
    r"\b(ETF|ETFS|ETP|ETN|UCITS|INDEX|FUND|FONDS|FD|ISHARES|SPDR|VANGUARD|ADMIRAL|PROSHARES|DIREXION)\b|\bTRUST\b(?=.*\b(BITCOIN|ETHEREUM|"
    r"ETHER|GOLD|SILVER|ETF)\b)|\b(BITCOIN|ETHEREUM|ETHER|GOLD|SILVER)\b.*\b(TRUST|FUND|SHARES)\b|GRAYSCALE|MINI TRUST",
)  # fmt: skip
_BOND_NAME = re.compile(
    r"\d+(\.\d+)?\s?%.*\b(\d{1,2}/\d{1,2}/\d{2,4}|20\d{2})\b|"
    r"\b(CONV(ERTIBLE)?|SR|SENIOR|SUB(ORDINATED)?) (NOTES?|NT|NTS|BONDS?)\b|"
    r"\b(TREASURY (NOTE|BILL|BOND)|T-BILL|DEBENTURE)\b|\bDUE \d{1,2}/\d{1,2}/\d{2,4}\b"
)
_FUTURE_SYMBOL = re.compile(r"/[A-Z0-9]{1,5}([FGHJKMNQUVXZ]\d{1,2})?|[A-Z0-9]{1,5}=F")
_FUTURE_NAME = re.compile(r"\bFUTURES? (CONTRACT|EXP)|\bFUT [A-Z]{3}\b")
_CFD_NAME = re.compile(r"\bCFDS?\b")
_COIN_PAIR = re.compile(
    r"(?P<coin>[A-Z]{2,6})[-/. ]?(?P<money>USDT?|USDC|EUR|GBP|CAD|AUD|CHF|JPY)(?:\.CC)?|(?P<bare>[A-Z]{2,6})\.CC"
)
COINS = {
    "BTC": "BITCOIN", "XBT": "BITCOIN", "ETH": "ETHEREUM", "SOL": "SOLANA", "LTC": "LITECOIN", "DOGE": "DOGECOIN",
    "XRP": "XRP", "ADA": "CARDANO", "BCH": "BITCOIN CASH", "USDC": "USD COIN", "USDT": "TETHER", "AVAX": "AVALANCHE",
    "DOT": "POLKADOT", "LINK": "CHAINLINK",
}  # fmt: skip
# These are tickers of trusts on NYSE Arca as well: Grayscale's Bitcoin Mini Trust and Ethereum Mini Trust.
FUND_TOO = frozenset({"BTC", "ETH"})
# Below, a price is of a share of the trust; above, of a coin. Trusts stand at 30 to 60 USD, coins at thousands.
COIN_FROM = {"BTC": 5_000.0, "ETH": 300.0}


@dataclass(frozen=True)
class Kind:
    """What a row holds.

    `undecided` names the kinds between which the row does not decide; `ticker` is the one spelling for all of its kind.
    """

    kind: str
    ticker: str
    contract: Contract | None = None
    undecided: tuple[str, ...] = ()
    unknown_word: str = ""


@dataclass(frozen=True)
class Row:
    """What of a row tells its kind; `per_unit` is the price, value or cost of one, `price` the file's; None unknown."""

    symbol: str
    name: str
    word: str
    word_binds: bool
    price: float | None
    per_unit: float | None
    strike: str
    expiry: str
    right: str
    isin: str


def plain(text: str) -> str:
    """A word without case, accents and signs."""
    import unicodedata

    folded = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", folded)


def kind_of(row: Row, given: str = "") -> Kind:  # noqa: PLR0911
    """The kind of a row; `given` is what the user says it is."""
    symbol, name = row.symbol.upper(), row.name.upper()
    word = WORDS.get(plain(row.word), "")
    contract = contract_of(symbol, name)
    if contract is None and (row.strike or row.expiry or row.right):
        contract = _by_columns(symbol, row)
    if given:
        return _as(given, symbol, name, contract)
    if word == CFD or _CFD_NAME.search(name):
        return Kind(CFD, symbol)
    if (contract is not None and word not in (EQUITY, FUND, COIN, CASH, FUTURE, BOND)) or word == OPTION:
        return _as(OPTION, symbol, name, contract)
    if word == FUTURE or (not word and (_FUTURE_SYMBOL.fullmatch(symbol) or _FUTURE_NAME.search(name))):
        return Kind(FUTURE, symbol)
    debt = is_debt_cusip(symbol) or (row.isin[:2] in ("US", "CA") and is_debt_cusip(row.isin[2:11]))
    debt |= bool(_BOND_NAME.search(name)) and not _FUND_NAME.search(name)
    if word == BOND or (not word and debt):
        return Kind(BOND, symbol)
    if _is_cash(symbol, name, word, row):
        return Kind(CASH, CASH_TICKER)
    coin = _coin(symbol, name, word, row)
    if coin is not None:
        return coin
    if word in (EQUITY, FUND):
        return Kind(word, symbol)
    unknown = row.word if row.word and not word and row.word_binds else ""
    if _FUND_NAME.search(name) or re.fullmatch(r"[A-Z]{4}X", symbol):
        return Kind(FUND, symbol, unknown_word=unknown)
    return Kind(EQUITY, symbol, unknown_word=unknown)


def _as(kind: str, symbol: str, name: str, contract: Contract | None) -> Kind:
    if kind == OPTION and contract is not None:
        return Kind(OPTION, contract.symbol, contract)
    if kind == OPTION:
        # Two contracts on one name must not become one position.
        return Kind(OPTION, f"{symbol} {name}".strip()[:60] if name and name != symbol else symbol)
    if kind == COIN:
        return Kind(COIN, _pair(symbol) or symbol)
    return Kind(kind, CASH_TICKER if kind == CASH else symbol)


def _by_columns(symbol: str, row: Row) -> Contract | None:
    """A contract from columns of strike, expiry and right, the right also from the word of the kind."""
    right = plain(row.right)[:1] or ("p" if "put" in plain(row.word) else "c" if "call" in plain(row.word) else "")
    days = days_of(row.expiry, MDY)
    try:
        strike = float(row.strike.replace("$", "").replace(",", ""))
    except ValueError:
        return None
    root = symbol.split(maxsplit=1)[0].lstrip("-") if symbol else ""
    if right not in ("c", "p") or not days or not strike > 0 or not re.fullmatch(r"[A-Z][A-Z.]{0,5}\d?", root):
        return None
    return Contract(root, days[0].day, CALL if right == "c" else PUT, strike)


def _is_cash(symbol: str, name: str, word: str, row: Row) -> bool:
    """Cash, sweeps and money markets. CASH and USD are tickers of companies too: with a price other than one they are."""
    if row.price is not None and row.price != 1:
        return False
    named = bool(_CASH_TICKER.fullmatch(symbol)) or symbol in currencies.CURRENCIES or symbol in _MONEY_MARKET_TICKERS
    if word in (EQUITY, FUND, COIN) and not named:
        return False
    if not symbol and not row.isin:
        called = _CASH_NAME.search(name) or _CASH_LINE.match(name)
        return word == CASH or bool(called) or name in currencies.CURRENCIES
    # A column of account types says Cash of shares that are fully paid: with another price than one they are no cash.
    return named or (word == CASH and (row.price == 1 or row.word_binds)) or bool(_CASH_NAME.search(name))


def _pair(symbol: str) -> str:
    """The coin's symbol in US dollars, BTC-USD; empty where the symbol names no coin."""
    match = _COIN_PAIR.fullmatch(symbol)
    coin = (match["coin"] or match["bare"]) if match else symbol
    if coin not in COINS:
        return ""
    return f"{'BTC' if coin == 'XBT' else coin}-USD"


def _coin(symbol: str, name: str, word: str, row: Row) -> Kind | None:  # noqa: PLR0911
    """A coin, the trust of the same ticker, or undecided; None where the symbol has nothing of a coin."""
    pair = _pair(symbol)
    if word == COIN:
        return Kind(COIN, pair or symbol)
    if not pair or word in (EQUITY, FUND) or _FUND_NAME.search(name):
        return None
    if symbol not in COINS:  # a pair such as BTC-USD
        return Kind(COIN, pair)
    if symbol not in FUND_TOO:
        return Kind(COIN, pair) if COINS[symbol] in name else None
    if name in (COINS[symbol], "BITCOIN (BTC)", "ETHEREUM (ETH)", "ETHER"):
        return Kind(COIN, pair)
    if row.per_unit is not None:
        return Kind(COIN, pair) if row.per_unit >= COIN_FROM[symbol] else Kind(FUND, symbol)
    return Kind(EQUITY, symbol, undecided=(COIN, FUND))
