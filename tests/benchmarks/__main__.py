"""`python lab.py bench [NAME …]`: runs the benchmarks that are named, or all of them."""

import subprocess
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))


def main(asked: list[str]) -> int:
    """Run each in a process of its own; return 0 if all ended well, 2 if a name is unknown."""
    if unknown := sorted(set(asked) - set(NAMES)):
        print(
            f"There is no benchmark {unknown[0]}. There are: {', '.join(NAMES)}.", file=sys.stderr
        )
        return 2
    codes = []
    for name in asked or NAMES:
        print(f"\n=== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"]).returncode)
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
