"""One-token mutants of a module: an operator, a boundary, a constant, a call or a condition that is another one.

Not made: mutants of annotations, decorators, docstrings, f-strings, raised errors and joined texts (words, not figures), of
switches that change nothing on sound input (`strict=`, `copy=`), of seeds, and of what is never run (`if TYPE_CHECKING`).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
# Called by name, as a method or as a function of numpy.
_PAIRS = (
    ("first", "last"), ("head", "tail"), ("min", "max"), ("idxmin", "idxmax"), ("argmin", "argmax"), ("any", "all"),
    ("minimum", "maximum"), ("cummin", "cummax"), ("nanmin", "nanmax"), ("fmin", "fmax"), ("floor", "ceil"),
    ("ffill", "bfill"),
)  # fmt: skip
OTHER_CALL = {**dict(_PAIRS), **{b: a for a, b in _PAIRS}}
OTHER_WORD = {"keep": {"first": "last", "last": "first"}, "side": {"left": "right", "right": "left"},
              "how": {"left": "inner", "inner": "left"}}  # fmt: skip
DROPPED_METHODS = {"abs", "clip", "where", "mask", "fillna", "sort_values", "sort_index", "round", "drop_duplicates",
                   "dropna", "shift"}  # fmt: skip
DROPPED_FUNCTIONS = {"abs", "clip", "nan_to_num", "sorted", "sort", "round"}
WITHOUT_EFFECT = {"strict", "copy", "frozen", "slots", "check_names", "observed", "seed", "stacklevel"}
NEVER_RUN = ("TYPE_CHECKING", "__name__ == '__main__'")
LARGE = 100_000


@dataclass(frozen=True)
class Mutant:
    """Where one token is another one.

    `number` counts the module's mutants; `lines` are those of the statement; `name` is what a statement outside of
    functions defines, and `within` whether the mutant stands in a function's body.
    """

    file: str
    number: int
    line: int
    change: str
    text: str
    lines: tuple[int, int]
    within: bool
    name: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What a judgement names: file, code line, change."""
        return self.file, self.text, self.change


@dataclass
class _Place:
    """The statement that a site belongs to."""

    lines: tuple[int, int] = (0, 0)
    within: bool = False
    name: str = ""


Site = tuple[int, str, _Place, Callable[[], None]]


def mutants(root: Path, file: str) -> list[Mutant]:
    """All mutants of a file below `root`, in the order of the code."""
    source = (root / file).read_text()
    texts = source.splitlines()
    found: list[Mutant] = []
    told: Counter[tuple[int, str]] = Counter()
    for number, (line, change, place, _) in enumerate(_sites(ast.parse(source))):
        told[line, change] += 1
        # The same change twice on a line, from the outermost in.
        named = change if told[line, change] == 1 else f"{change} #{told[line, change]}"
        text = texts[line - 1].strip()
        found.append(Mutant(file, number, line, named, text, place.lines, place.within, place.name))
    return found


def mutated(source: str, number: int) -> ast.Module:
    """The module with its mutant `number` in place."""
    tree = ast.parse(source)
    for at, (_, _, _, do) in enumerate(_sites(tree)):
        if at == number:
            do()
            return ast.fix_missing_locations(tree)
    raise IndexError(number)


def _sites(tree: ast.Module) -> Iterator[Site]:
    """Line, change, statement, and how to make it, of every mutant; a list first, since making one changes the tree."""
    yield from list(_of_block(tree.body, _Place()))


def _of_block(body: list[ast.stmt], outer: _Place) -> Iterator[Site]:
    for statement in body:
        if isinstance(statement, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        yield from _of_statement(statement, outer)


def _of_statement(statement: ast.stmt, outer: _Place) -> Iterator[Site]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        inner = _Place((statement.lineno, statement.end_lineno or statement.lineno), outer.within, statement.name)
        for default in [*statement.args.defaults, *statement.args.kw_defaults]:
            yield from _below(default, inner) if default else ()
        yield from _of_block(statement.body, _Place((0, 0), True, outer.name or statement.name))
    elif isinstance(statement, ast.ClassDef):
        yield from _of_block(statement.body, _Place((0, 0), outer.within, ""))
    elif not (isinstance(statement, ast.If) and ast.unparse(statement.test) in NEVER_RUN):
        name = outer.name if outer.within else _defined(statement)
        if name != "__all__" and "SEED" not in name.upper():
            yield from _of_plain(statement, outer, name)


def _of_plain(statement: ast.stmt, outer: _Place, name: str) -> Iterator[Site]:
    """The mutants of a statement that defines no function or class, then those of the blocks below it."""
    blocks = [field for field in ("body", "orelse", "finalbody") if isinstance(getattr(statement, field, None), list)]
    last = statement.end_lineno or statement.lineno
    if blocks:
        last = max(statement.lineno, statement.body[0].lineno - 1)
    place = _Place((statement.lineno, last), outer.within, name)
    if isinstance(statement, ast.If):
        yield from _inverted(statement, statement.test, place)
    if isinstance(statement, ast.AugAssign):
        yield from _operator(statement, statement.op, place)
    for field, value in ast.iter_fields(statement):
        if field not in blocks and field not in ("annotation", "handlers", "cases", "op", "targets"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _below(child, place)
    below = [getattr(statement, field) for field in blocks]
    below += [one.body for one in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]]
    for block in below:
        yield from _of_block(block, _Place((0, 0), outer.within, outer.name))


def _defined(statement: ast.stmt) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _below(node: ast.AST, place: _Place) -> Iterator[Site]:
    """The mutants of an expression and of what it is made of."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.keyword) and (node.arg or "").lower() in WITHOUT_EFFECT:
        return
    if isinstance(node, ast.Lambda):
        yield from _below(node.body, _Place(place.lines, True, place.name))
        return
    yield from _of_expression(node, place)
    for field, value in ast.iter_fields(node):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            continue  # the sign is the one token
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.expr | ast.keyword | ast.comprehension) and field != "annotation":
                yield from _below(child, place)


def _of_expression(node: ast.AST, place: _Place) -> Iterator[Site]:
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp):
        yield from _of_operator(node, place)
    elif isinstance(node, ast.IfExp):
        yield from _inverted(node, node.test, place)
    elif isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
                change = f"if {_short(test)} -> if not ..."
                yield _site(test, change, place, lambda n=node, i=at, t=test: _set(n.ifs, i, _not(t)))
    elif isinstance(node, ast.Subscript):
        other = {"0": -1, "-1": 0}.get(ast.unparse(node.slice))
        if other is not None:
            index = node.slice
            yield _site(
                node, f"{_short(node)} -> [{other}]", place, lambda: setattr(node, "slice", _like(index, other))
            )
    elif isinstance(node, ast.keyword):
        value, words = node.value, OTHER_WORD.get(node.arg or "", {})
        if isinstance(value, ast.Constant) and value.value in words:
            word = words[value.value]
            change = f"{node.arg}={value.value} -> {word}"
            yield _site(value, change, place, lambda: setattr(node, "value", _like(value, word)))
    elif isinstance(node, ast.Call):
        yield from _of_call(node, place)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node, place)


def _of_operator(node: ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp, place: _Place) -> Iterator[Site]:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            if other := SWAPPED.get(type(op)):
                change = f"{_sign(op)} -> {_sign(other())}"
                yield _site(node, change, place, lambda n=node, i=at, o=other: _set(n.ops, i, o()))
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.UAdd):
            yield _site(node, f"{_short(node)} -> {_short(node.operand)}", place, lambda: _become(node, node.operand))
    elif isinstance(node, ast.BoolOp) or not (_text(node.left) or _text(node.right)):
        yield from _operator(node, node.op, place)


def _of_call(node: ast.Call, place: _Place) -> Iterator[Site]:
    func = node.func
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    numpy = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "np"
    method = isinstance(func, ast.Attribute) and not numpy
    # A function of ours may be called `first` or `head`; numpy and builtins have none of these.
    if name in OTHER_CALL and (method or name not in ("first", "last", "head", "tail")):
        other, field = OTHER_CALL[name], "id" if isinstance(func, ast.Name) else "attr"
        yield _site(node, f"{name}() -> {other}()", place, lambda: setattr(func, field, other))
    if numpy and name == "where" and len(node.args) == 3:
        for at in (1, 2):
            yield _site(node, f"{_short(node)} -> its value {at}", place, lambda a=node.args[at]: _become(node, a))
    elif method and name in DROPPED_METHODS and isinstance(func, ast.Attribute):
        receiver = func.value
        yield _site(node, f".{name}() dropped", place, lambda: _become(node, receiver))
    elif not method and name in DROPPED_FUNCTIONS and node.args:
        argument = node.args[0]
        yield _site(node, f"{name}() dropped", place, lambda: _become(node, argument))


def _of_constant(node: ast.Constant, place: _Place) -> Iterator[Site]:
    value = node.value
    if isinstance(value, bool):
        yield _site(node, f"{value} -> {not value}", place, lambda: setattr(node, "value", not value))
    elif isinstance(value, int | float):
        other = value * 2 if abs(value) >= LARGE else value + 1
        yield _site(node, f"{value} -> {other}", place, lambda: setattr(node, "value", other))


def _operator(node: ast.AST, op: ast.AST, place: _Place) -> Iterator[Site]:
    if other := SWAPPED.get(type(op)):
        yield _site(node, f"{_sign(op)} -> {_sign(other())}", place, lambda: setattr(node, "op", other()))


def _inverted(node: ast.If | ast.IfExp, test: ast.expr, place: _Place) -> Iterator[Site]:
    """The condition inverted; where it is one `not`, that is a mutant already."""
    simple = isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and type(test.ops[0]) in (
        ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot
    ))  # fmt: skip
    if not simple:
        yield _site(test, f"if {_short(test)} -> if not ...", place, lambda: setattr(node, "test", _not(test)))


def _site(node: ast.AST, change: str, place: _Place, do: Callable[[], None]) -> Site:
    return getattr(node, "lineno", place.lines[0]), change, place, do


def _become(node: ast.AST, other: ast.AST) -> None:
    """Let a node be another one, wherever it hangs."""
    kept = dict(vars(other))
    node.__class__ = other.__class__  # type: ignore[assignment]
    vars(node).clear()
    vars(node).update(kept)


def _set(items: list, at: int, other: ast.AST) -> None:
    items[at] = other


def _not(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _like(node: ast.AST, value: object) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), node)


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _sign(op: ast.AST) -> str:
    return ast.unparse(ast.BinOp(ast.Name("a"), op, ast.Name("b")) if isinstance(op, ast.operator) else
                       ast.BoolOp(op, [ast.Name("a"), ast.Name("b")]) if isinstance(op, ast.boolop) else
                       ast.Compare(ast.Name("a"), [op], [ast.Name("b")]))[2:-2]  # fmt: skip


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."
