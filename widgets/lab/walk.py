"""`python lab.py walk`: the whole course without a browser, ending with the practices proved."""

import json
import subprocess
import sys

from widgets.base.errors import KitError
from widgets.lab.course_run import execute, notebooks, solved_workspace


def main() -> int:
    """Walk the course; return 0 if every practice of the levels walked is proved."""
    try:
        with solved_workspace():
            for path in notebooks():
                execute(path)
            levels = [int(path.stem.split("_")[1]) for path in notebooks() if "level" in path.stem]
            words = [sys.executable, "-m", "widgets.cli", "status"]
            print(
                "\n"
                + subprocess.run(
                    words, capture_output=True, text=True, encoding="utf-8", check=True
                ).stdout
            )
            told = subprocess.run(
                [*words, "--json"], capture_output=True, text=True, encoding="utf-8", check=True
            )
    except KitError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    missing = [
        practice["id"]
        for practice in json.loads(told.stdout)["practices"]
        if practice["level"] <= max(levels) and practice["state"] != "proved"
    ]
    if missing:
        print(f"Not proved: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
