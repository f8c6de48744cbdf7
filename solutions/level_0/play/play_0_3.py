"""Does what the files of 0.3 cannot do by themselves: moves the clock, runs the notebook."""

import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path("analysis") / "retrain.ipynb"  # below project/, where this is started


def main() -> None:
    """Let March land, then run the notebook in place: it saves the model and deploys it."""
    clock = [sys.executable, "-m", "widgets.cli", "clock", "--to", "2013-04-01"]
    subprocess.run(clock, check=True)
    book = nbformat.read(NOTEBOOK, as_version=4)
    place = {"metadata": {"path": str(NOTEBOOK.parent)}}
    quiet = ["--IPKernelApp.log_level=ERROR"]
    NotebookClient(book, kernel_name="python3", resources=place, extra_arguments=quiet).execute()
    nbformat.write(book, NOTEBOOK)


if __name__ == "__main__":
    main()
