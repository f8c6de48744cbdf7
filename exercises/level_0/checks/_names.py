"""Finds the names that a notebook's cell needs and that no cell above it defines.

Static: nothing is run. A name that is only used inside a function may be defined anywhere in
the notebook; whether it is there in time, the run shows.
"""

import ast
import builtins
import symtable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

GIVEN = {*dir(builtins), "get_ipython", "display", "In", "Out", "_", "__", "___", "__name__"}
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr", "lambda"}


@dataclass(frozen=True)
class Missing:
    """A name that a cell needs too early."""

    name: str
    cell: int
    """The needing cell's number among the code cells, from 1."""
    defined_in: int | None
    """The first cell that defines the name (the same or a later one), or None."""


def missing_names(cells: list[str]) -> list[Missing]:
    """Return every name that is needed before it is defined, cell by cell.

    Raises
    ------
    SyntaxError
        If a cell is not Python; its `lineno` counts from the cell's first line.
    """
    parsed = [ast.parse(TransformerManager().transform_cell(cell)).body for cell in cells]
    if any(_is_star_import(statement) for body in parsed for statement in body):
        return []  # nobody can tell what came with the star
    first: dict[str, int] = {}
    for number, body in enumerate(parsed, start=1):
        for statement in body:
            for name in _uses_and_binds(statement)[2]:
                first.setdefault(name, number)
    known, found = set(GIVEN), []
    for number, body in enumerate(parsed, start=1):
        for statement in body:
            now, later, binds = _uses_and_binds(statement)
            too_early = (now - known) | (later - known - set(first))
            found += [Missing(name, number, first.get(name)) for name in sorted(too_early)]
            known |= binds | too_early
    return found


def unseeded_splits(cells: list[str]) -> list[int]:
    """Return the numbers of the cells that call train_test_split with nothing to seed it."""
    trees = [ast.parse(TransformerManager().transform_cell(cell)) for cell in cells]
    calls = [
        (number, node)
        for number, tree in enumerate(trees, start=1)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]
    if any(_called(call).endswith("seed") for _, call in calls):
        return []
    return [
        number
        for number, call in calls
        if _called(call).endswith("train_test_split")
        and not {"random_state", "shuffle", None} & {keyword.arg for keyword in call.keywords}
    ]


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _is_star_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and any(n.name == "*" for n in statement.names)


def _uses_and_binds(statement: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """Return what a statement needs at once, needs later (in functions), and defines."""
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    now = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    later: set[str] = set()
    for child in table.get_children():
        _collect(child, now, later, deferred=False)
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
        # What a loop, a `with` or a function defines, it may use itself.
        now, later = now - binds, later - binds
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        now.add(statement.target.id)
    return now, later, binds


def _collect(table: symtable.SymbolTable, now: set[str], later: set[str], deferred: bool) -> None:
    inside = table.get_type() == "function" and table.get_name() not in COMPREHENSIONS
    deferred = deferred or inside
    uses = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    (later if deferred else now).update(uses)
    for child in table.get_children():
        _collect(child, now, later, deferred)
