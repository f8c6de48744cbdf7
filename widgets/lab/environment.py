"""The kit's `.venv`: where it lies, and whether it is whole and up to date."""

import hashlib
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from widgets.base.files import write_atomic


class Part(StrEnum):
    """What a `.venv` is needed for; its value is the file that lists it."""

    LEARNER = "requirements.txt"
    TESTS = "requirements-dev.txt"

    @property
    def contains(self) -> tuple["Part", ...]:
        """This part and those that it includes."""
        return (self,) if self is Part.LEARNER else (Part.LEARNER, Part.TESTS)


@dataclass(frozen=True)
class Environment:
    """The `.venv` in the folder `root`.

    A stamp, written last, says what a part was made from. A note, written first and taken away
    last, says that somebody is at work, or was stopped in the middle.
    """

    root: Path

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def log(self) -> Path:
        """What the installers wrote."""
        return self.folder / "kit-setup.log"

    @property
    def lock(self) -> Path:
        """Held while it is made."""
        return self.folder / "kit-setup.lock"

    @property
    def unfinished(self) -> Path:
        """The note that says that it is being made."""
        return self.folder / "kit-unfinished"

    def stamp(self, part: Part) -> Path:
        """Return the file that says what a part was made from."""
        return self.folder / f"kit-{part.name.lower()}.json"

    def digest(self, part: Part) -> str:
        """Return a digest of all that decides what is installed, and how."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        seen = hashlib.sha256(json.dumps(project["project"], sort_keys=True).encode())
        settings = sorted(Path(__file__).with_name("settings").glob("*.json"))
        lists = [self.root / name for name in (*part.contains, "constraints.txt")]
        for path in [*lists, *settings]:
            seen.update(path.read_bytes().replace(b"\r\n", b"\n"))
        return seen.hexdigest()

    def is_ready(self, part: Part) -> bool:
        """Return whether a part is whole, up to date, and its interpreter runs."""
        if self.unfinished.exists():
            return False
        stamp = self._read_stamp(part)
        version = self.version()
        return version is not None and stamp == self._stamp_of(part, version)

    def was_moved(self) -> bool:
        """Return whether it was made in another folder: its scripts hold that folder's path."""
        made_in = self._read_stamp(Part.LEARNER).get("root", str(self.root))
        return made_in != str(self.root)

    def version(self) -> str | None:
        """Return the version of its interpreter, for example 3.11, or None if it does not run."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            answer = subprocess.run(
                [self.python, "-I", "-S", "-c", code],
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return answer.stdout.strip() if answer.returncode == 0 else None

    def write_stamp(self, part: Part) -> None:
        """Say that a part is whole."""
        stamp = self._stamp_of(part, self.version() or "")
        write_atomic(self.stamp(part), json.dumps(stamp, indent=1))

    def _stamp_of(self, part: Part, version: str) -> dict[str, str]:
        return {"digest": self.digest(part), "python": version, "root": str(self.root)}

    def _read_stamp(self, part: Part) -> dict[str, str]:
        try:
            found = json.loads(self.stamp(part).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
