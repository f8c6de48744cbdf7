"""What a check asks for, and what a program does, in the words of their docstrings."""

import ast
from collections.abc import Sequence
from pathlib import Path


def first_paragraph(text: str) -> str:
    """Return the first paragraph of a text, on one line."""
    return " ".join(text.strip().split("\n\n")[0].split())


def requirements(check: Path) -> Sequence[str]:
    """Return what the check in the file `check` asks for, each once; nothing of it is run."""
    tests = [
        node
        for node in ast.parse(check.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    said = [first_paragraph(ast.get_docstring(test) or test.name) for test in tests]
    return list(dict.fromkeys(said))


def summary_of(program: Path) -> str:
    """Return what a program says of itself: the first paragraph of its docstring."""
    tree = ast.parse(program.read_text(encoding="utf-8"))
    return first_paragraph(ast.get_docstring(tree) or program.name)
