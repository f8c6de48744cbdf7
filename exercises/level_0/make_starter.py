"""Makes the files of Level 0 that cannot be written by hand: notebooks and pickles.

Run it again with ``python exercises/level_0/make_starter.py``, after a change of
`sources/` or of the pinned scikit-learn. The colleague's session is really run, in the order
in which he ran it, so that the outputs stored in his notebook are real; its unseeded split is
made repeatable from outside. The same packages on the same machine give the same bytes.
"""

import argparse
import pickle
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

LEVEL = Path(__file__).resolve().parent
KIT = LEVEL.parents[1]
FLIGHTS = KIT / "widgets" / "world" / "flights"
NUMBERS = [
    *("hour", "weekday", "distance", "temp", "dewp", "humid"),
    *("wind_speed", "precip", "pressure", "visib"),
]
WORDS = ["carrier", "origin", "dest"]
HEADER = re.compile(
    r"^# %% (?P<where>starter|solution|both|deleted)"
    r"(?: (?P<markdown>markdown))?(?: ran (?P<ran>[\d,]+))? (?P<id>\w+)$",
    re.MULTILINE,
)
SESSION_SEED = 57  # stands for the chance of that day; the learner cannot know it
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Source:
    """One cell of a file in `sources/`."""

    id: str
    where: str
    markdown: bool
    ran: tuple[int, ...]
    text: str

    def cell(self) -> NotebookNode:
        """Return the cell, with an id that stays the same from one making to the next."""
        if self.markdown:
            return new_markdown_cell(self.text, id=f"text-{self.id}")
        return new_code_cell(self.text, id=self.id)


def read_sources(path: Path) -> list[Source]:
    """Return the cells of a source file in the order in which they stand."""
    text = path.read_text(encoding="utf-8")
    heads = list(HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        Source(
            id=head["id"],
            where=head["where"],
            markdown=head["markdown"] is not None,
            ran=tuple(int(count) for count in (head["ran"] or "").split(",") if count),
            text=text[head.end() : end].strip("\n"),
        )
        for head, end in zip(heads, ends, strict=True)
    ]


def notebook(sources: list[Source], where: str) -> NotebookNode:
    """Return the notebook made of the cells that belong to `where` (starter or solution)."""
    cells = [source.cell() for source in sources if source.where in (where, "both")]
    return new_notebook(cells=cells, metadata=METADATA)


def run_session(sources: list[Source], folder: Path) -> NotebookNode:
    """Run the colleague's session in `folder`; return his notebook as he left it.

    Cells are run by their execution counts, the deleted one included, and stored where they
    stand in the file. The model of the session is left in `folder` as ``model_final.pkl``.
    """
    order = sorted(
        ((count, source) for source in sources for count in source.ran), key=lambda pair: pair[0]
    )
    before = new_code_cell(f"import numpy\nnumpy.random.seed({SESSION_SEED})")
    after = new_code_cell("import pickle\npickle.dump(model, open('model_final.pkl', 'wb'))")
    played = [new_code_cell(source.text) for _, source in order]
    session = new_notebook(cells=[before, *played, after], metadata=METADATA)
    NotebookClient(
        session,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"],
    ).execute()
    done = {source.id: (count, cell) for (count, source), cell in zip(order, played, strict=True)}
    left = notebook(sources, "starter")
    for cell in left.cells:
        if cell.cell_type == "code":
            count, run = done[cell.id]
            cell.execution_count, cell.outputs = count, run.outputs
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    return left


def known_flights(months: list[str]) -> pd.DataFrame:
    """Return the flights of `months` whose arrival was known on 1 March, with their target."""
    flights = pd.concat([pd.read_parquet(FLIGHTS / f"{month}.parquet") for month in months])
    landed = flights["landed_at"] < pd.Timestamp("2013-03-01", tz="America/New_York")
    flights = flights[landed & flights["arr_delay"].notna()]
    local = flights["scheduled_at"].dt.tz_convert("America/New_York")
    return flights.assign(
        hour=local.dt.hour, weekday=local.dt.day_of_week, late=flights["arr_delay"] > 15
    )


def first_try() -> Pipeline:
    """Return `model.pkl`: 70 % of January and February, whatever the note says."""
    flights = known_flights(["2013-01", "2013-02"])
    rows, _ = train_test_split(flights, test_size=0.3, random_state=SESSION_SEED + 1)
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("numbers", scaled, NUMBERS), ("words", words, WORDS)])
    model = make_pipeline(columns, LogisticRegression(C=1.0, max_iter=1000))
    return model.fit(rows[NUMBERS + WORDS], rows["late"])


def without_traces() -> Pipeline:
    """Return `model_final_v2.pkl`: nothing in it tells on how many rows, or which."""
    flights = known_flights(["2013-01", "2013-02"])
    chosen = np.random.default_rng(SESSION_SEED).choice(len(flights), 9000, replace=False)
    rows = flights.iloc[chosen]
    filled = SimpleImputer(strategy="constant", fill_value=0.0)
    model = make_pipeline(
        ColumnTransformer([("numbers", filled, NUMBERS)]),
        LogisticRegression(C=0.01, solver="newton-cholesky"),
    )
    return model.fit(rows[NUMBERS], rows["late"])


def files(scratch: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every made file: its path below the kit, and its bytes."""
    starter = Path("exercises/level_0/starter/analysis")
    solution = Path("solutions/level_0/analysis")
    analysis = scratch / "project" / "analysis"
    analysis.mkdir(parents=True)
    (scratch / "data").mkdir()
    shutil.copy(FLIGHTS / "2013-01.parquet", scratch / "data")
    delays = read_sources(LEVEL / "sources" / "delays.cells.txt")
    retrain = read_sources(LEVEL / "sources" / "retrain.cells.txt")
    yield starter / "delays.ipynb", as_bytes(run_session(delays, analysis))
    yield solution / "delays.ipynb", as_bytes(notebook(delays, "solution"))
    yield starter / "retrain.ipynb", as_bytes(notebook(retrain, "starter"))
    yield solution / "retrain.ipynb", as_bytes(notebook(retrain, "solution"))
    first = pickle.dumps(first_try())
    yield starter / "model.pkl", first
    yield starter / "model_final.pkl", (analysis / "model_final.pkl").read_bytes()
    yield starter / "model_final_v2.pkl", pickle.dumps(without_traces())
    yield starter / "production" / "model.pkl", first


def as_bytes(made: NotebookNode) -> bytes:
    """Return a notebook as it is stored."""
    for cell in made.cells:
        cell.metadata.pop("execution", None)  # the times of the run would differ every time
    return (nbformat.writes(made) + "\n").encode()


def main() -> None:
    """Write the made files into the kit, or into a copy of its folders elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=KIT, help="where the folders are made")
    into = parser.parse_args().into
    with tempfile.TemporaryDirectory() as scratch:
        for path, data in files(Path(scratch)):
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(data)
            print(f"{len(data) / 1024:6.1f} kB  {path.as_posix()}")


if __name__ == "__main__":
    main()
