"""What comes from elsewhere is data: nothing in the kit runs it, or unpickles or unpacks it.

Each exception is named with its reason; one that is not needed any more has to go.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "pickle.load": "runs what the file says: keep models as skops",
    "pickle.loads": "runs what the file says: keep models as skops",
    "pickle.Unpickler": "runs what the file says: keep models as skops",
    "joblib.load": "is a pickle: keep models as skops",
    "cloudpickle.load": "is a pickle",
    "cloudpickle.loads": "is a pickle",
    "dill.load": "is a pickle",
    "dill.loads": "is a pickle",
    "shelve.open": "is a pickle",
    "marshal.load": "runs what the file says",
    "marshal.loads": "runs what the file says",
    "torch.load": "is a pickle",
    "pandas.read_pickle": "is a pickle",
    "numpy.load": "may be a pickle: name allow_pickle=False",
    "yaml.load": "makes any object: use yaml.safe_load",
    "yaml.unsafe_load": "makes any object: use yaml.safe_load",
    "yaml.full_load": "makes objects: use yaml.safe_load",
    "eval": "runs a text",
    "exec": "runs a text",
    "os.system": "hands a text to a shell",
    "os.popen": "hands a text to a shell",
    "tarfile.open": "may write anywhere when it unpacks",
    "shutil.unpack_archive": "may write anywhere",
    "zipfile.ZipFile": "may write anywhere when it unpacks",
    "xml.etree.ElementTree.parse": "expands what the file says",
    "xml.etree.ElementTree.fromstring": "expands what the text says",
    "xml.dom.minidom.parse": "expands what the file says",
    "xml.sax.parse": "expands what the file says",
    "mlflow.pyfunc.load_model": "unpickles whatever is not skops",
    "mlflow.sklearn.load_model": "unpickles whatever is not skops",
}
# Where, what, and why it may be.
ALLOWED = {
    ("exercises/level_0/checks/_pickles.py", "pickle.loads"): "Level 0's lesson; the kit's files",
    ("exercises/level_0/checks/_judge_0_3.py", "joblib.load"): "the learner's own file of Level 0",
    ("exercises/level_1/incident/score.py", "joblib.load"): "the incident is a file of Level 0",
    ("exercises/level_1/incident/score_tidied.py", "joblib.load"): "the same, tidied",
    ("solutions/level_1/tests/test_train.py", "pickle.loads"): "what the test wrote itself",
    ("exercises/level_1/checks/_build.py", "zipfile.ZipFile"): "reads names in the learner's wheel",
    (
        "exercises/level_2/checks/check_2_1.py",
        "mlflow.pyfunc.load_model",
    ): "the learner's own model",
    ("exercises/level_2/checks/check_2_3.py", "mlflow.sklearn.load_model"): "is replaced, not run",
    ("widgets/exercise/nursery.py", "exec"): "a check's own lines, as python -c runs them",
    ("widgets/forge/reports.py", "xml.etree.ElementTree.parse"): "pytest's report on own tests",
    ("notebooks/level_0_no_mlops.ipynb", "pickle.loads"): "Level 0's lesson: a pickle made there",
    ("notebooks/level_0_no_mlops.ipynb", "joblib.load"): "Level 0's lesson: the learner's own file",
    ("notebooks/level_2_automated_training.ipynb", "pickle.loads"): "the incident, made by the kit",
}


def sources() -> Iterator[tuple[str, str]]:
    """Yield each piece of Python that the kit brings: its place, and its text."""
    for folder in ("widgets", "solutions", "exercises"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    yield "lab.py", (ROOT / "lab.py").read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        code = [TransformerManager().transform_cell(source) for source in sources]
        yield path.relative_to(ROOT).as_posix(), "\n".join(code)


def dotted(node: ast.expr) -> list[str]:
    """Return the words of a name: of ``a.b.c`` three; what is no name is an empty word."""
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.insert(0, node.attr)
        node = node.value
    return [node.id if isinstance(node, ast.Name) else "", *words]


def dangers(text: str) -> Iterator[str]:
    """Yield the forbidden calls in a text, by their full names, whatever they are imported as."""
    nodes = list(ast.walk(ast.parse(text)))
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                top = each.name if each.asname else each.name.partition(".")[0]
                known[each.asname or top] = top
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute):
            first, *rest = dotted(node)
            name = ".".join([known.get(first, first), *rest])
            if name in FORBIDDEN:
                yield name
        elif isinstance(node, ast.Call):
            words = {each.arg: ast.unparse(each.value) for each in node.keywords}
            for word in ("shell", "allow_pickle"):
                if words.get(word, "False") != "False":
                    yield f"{word}={words[word]}"
            if isinstance(node.func, ast.Attribute) and node.func.attr == "extractall":
                yield "extractall"


def test_nothing_that_came_from_elsewhere_is_run():
    found = {(place, name) for place, text in sources() for name in dangers(text)}
    new = [
        f"{place}: {name} {FORBIDDEN.get(name, 'is forbidden')}"
        for place, name in sorted(found - ALLOWED.keys())
    ]
    assert not new, "\n".join(new)
    assert not ALLOWED.keys() - found, "these exceptions are not needed any more"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import pickle as p\np.loads(b'')", "pickle.loads"),
        ("from pickle import load as take\ntake(file)", "pickle.load"),
        ("import joblib\nread = joblib.load", "joblib.load"),
        ("import pandas as pd\npd.read_pickle('x')", "pandas.read_pickle"),
        ("import mlflow\nmlflow.pyfunc.load_model(uri)", "mlflow.pyfunc.load_model"),
        ("import mlflow.sklearn\nmlflow.sklearn.load_model(uri)", "mlflow.sklearn.load_model"),
        ("from xml.etree import ElementTree as E\nE.parse(f)", "xml.etree.ElementTree.parse"),
        ("import subprocess\nsubprocess.run(text, shell=True)", "shell=True"),
        ("archive.extractall(folder)", "extractall"),
        ("eval(answer)", "eval"),
    ],
)
def test_a_danger_is_seen_under_any_name(text, name):
    assert name in dangers(text)
