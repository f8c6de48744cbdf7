"""Level 4: what a year on its own proves, and what is proved no longer when any part is missing."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.unit.evidence.conftest import NAME, Lab, Team
from widgets.base.paths import Layout
from widgets.evidence.model_files import local_folder
from widgets.evidence.year_collector import YearCollector
from widgets.maturity import State, load

pytestmark = pytest.mark.slow  # MLflow makes a database
MODEL = load()
PRACTICES = [practice.id for practice in MODEL.practices_of(4)]
BEGIN = datetime(2013, 4, 1, 4, tzinfo=UTC)
WALL = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, SECOND = "loss-2013-04-23", "loss-2013-06-29"


class World:
    """A finished year, as the project and the kit leave it; two incidents, two promotions."""

    def __init__(self, root: Path) -> None:
        self.outer = Layout(root)
        self.year = self.outer.year
        self.key = Ed25519PrivateKey.generate()
        self.folders: dict[int, Path] = {}
        self._lines: list[dict[str, Any]] = []

    def build(self, lab: Lab, commit: str) -> None:
        """Make all of it; the lab is that of the year's registry, the commit what it runs."""
        for place in (self.year.serving, self.year.project, self.year.root / "keys"):
            place.mkdir(parents=True, exist_ok=True)
        triggers = ("manual", f"alert:{FIRST}", f"alert:{SECOND}")
        for number, trigger in enumerate(triggers, 1):
            digest = str(number) * 32
            run = lab.run("a" * 40, trigger, tags={"data_digest": digest})
            lab.version(run, trigger=trigger, data_digest=digest)
            self.folders[number] = self._seal(lab, number)
        self._events(lab.runs)
        self._logs()
        state = {"state": "done", "requests": 500, "failed": 0, "commit": commit}
        self.write("year.json", json.dumps(state))

    def _seal(self, lab: Lab, number: int) -> Path:
        client = lab.client
        model = client.get_model_version(NAME, str(number)).source.removeprefix("models:/")
        folder = local_folder(client.get_logged_model(model).artifact_location)
        assert folder
        card = f"# late-flights, version {number}\n".encode()
        (folder / "card.md").write_bytes(card)
        self.sign(folder)
        tags = {"card.digest": hashlib.sha256(card).hexdigest(), "gate.decision": "yes"}
        for name, text in (tags | {"policy.decision": "yes"}).items():
            client.set_model_version_tag(NAME, str(number), name, text)
        return folder

    def sign(self, folder: Path) -> None:
        """Sign a model's files as they are."""
        (self.year.root / "keys").mkdir(exist_ok=True)
        files = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "signature.json"
        }
        text = json.dumps(files, sort_keys=True, separators=(",", ":")).encode()
        signed = {"files": files, "key": "k", "signature": self.key.sign(text).hex()}
        (folder / "signature.json").write_text(json.dumps(signed))

    def _events(self, runs: list[str]) -> None:
        self.add(0, "policy", "passed", "policy-1", 1, actor="policy")
        for step in ("intent", "moved", "done"):
            self.add(0, "deploy", step, "d1", 1, actor="gate")
        for day, alert, number in ((23, FIRST, 2), (90, SECOND, 3)):
            self.add(day, "alert", "fired", alert)
            self.add(day, "retraining", "started", f"{alert}-1")
            self.add(day, "policy", "passed", f"policy-{number}", number, actor="policy")
            self.add(day, "canary", "started", f"c{number}", number, actor="canary")
            self.add(day, "retraining", "done", f"{alert}-1", number)
            self.add(day + 1, "canary", "step", f"c{number}", number, actor="canary")
            for step in ("intent", "moved", "done"):
                self.add(day + 2, "deploy", step, f"d{number}", number, actor="canary")
            self.add(day + 2, "canary", "promoted", f"c{number}", number, actor="canary")
            self.add(day + 5, "alert", "resolved", alert)
        self.keep()

    def add(
        self,
        day: int,
        kind: str,
        step: str,
        id: str,
        version: int | None = None,
        actor: str = "loop",
    ) -> None:
        """Put a line behind the others; it is chained when it is kept."""
        self._lines.append(
            {
                "at": (WALL + timedelta(seconds=day)).isoformat(),
                "event_time": (BEGIN + timedelta(days=day)).isoformat(),
                "kind": kind,
                "step": step,
                "id": id,
                "version": version,
                "previous": None,
                "run_id": None,
                "actor": actor,
                "cause": "a test",
            }
        )

    def keep(self, lines: list[dict[str, Any]] | None = None) -> None:
        """Write the log with its chain and its signed head."""
        prev, text = hashlib.sha256(b"").hexdigest(), ""
        kept = self._lines if lines is None else lines
        for seq, line in enumerate(kept):
            entry = {**line, "seq": seq, "prev": prev}
            told = json.dumps(entry, sort_keys=True, separators=(",", ":"))
            prev = hashlib.sha256((entry["prev"] + told).encode()).hexdigest()
            text += json.dumps(entry | {"hash": prev}) + "\n"
        self.year.events_log.write_text(text)
        signature = self.key.sign(f"{len(kept)}:{prev}".encode()).hex()
        head = {"length": len(kept), "hash": prev, "signature": signature}
        self.write("keys/audit-head.json", json.dumps(head))
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.year.root / "keys" / "signing.pub").write_bytes(pem)

    def without(self, **told: object) -> None:
        """Leave out the lines that say all this, and chain and sign what is left."""
        self.keep([line for line in self._lines if told.items() - line.items()])

    def _logs(self) -> None:
        self.write("project/alerts.toml", '[rules.loss]\nsignal = "loss_excess"\n')
        days = [BEGIN.date() + timedelta(days=number) for number in range(100)]
        nights = [json.dumps({"day": str(day), "loss_excess": 0.01}) for day in days]
        self.write("serving/signals.jsonl", "\n".join(nights) + "\n")
        lines = [
            {
                "at": (WALL + timedelta(seconds=number / 4 - 1)).isoformat(),
                "flights": 2,
                "first": 2 * number + 1,
                "last": 2 * number + 2,
                "ok": True,
                "status": 200,
                "ms": 5.0,
                "versions": {"1": [2, 0.4]},
            }
            for number in range(500)
        ]
        self.write("serving/traffic.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        with closing(sqlite3.connect(self.year.predictions_db)) as log, log:
            log.execute("CREATE TABLE predictions (flight_id INTEGER, event_time TEXT, version)")
            rows = [
                (number, (BEGIN + timedelta(hours=number)).isoformat(), 2 + (number > 1500))
                if number % 10 == 0
                else (number, (BEGIN + timedelta(hours=number)).isoformat(), 1)
                for number in range(2400)
            ]
            log.executemany("INSERT INTO predictions VALUES (?, ?, ?)", rows)

    def write(self, name: str, text: str) -> None:
        """Write a file of the year."""
        (self.year.root / name).write_text(text, encoding="utf-8")

    def sql(self, statement: str) -> None:
        """Change the registry past MLflow."""
        with closing(sqlite3.connect(self.year.mlflow_db)) as database, database:
            database.execute(statement)

    def findings(self) -> dict[str, tuple[State, str]]:
        """Return what is found of each practice."""
        found = YearCollector(MODEL, self.outer, (NAME, NAME)).collect()
        return {finding.practice: (finding.state, finding.what) for finding in found}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("a year é"))
    world.year.root.mkdir(parents=True)
    lab = Lab(world.year.root)
    lab.start()
    team = Team(world.outer.root)
    commit = team.commit(**{"README.md": "the project that the year runs\n"})
    team.push()
    world.build(lab, commit)
    return world


@pytest.fixture
def world(built: World, tmp_path: Path) -> Iterator[World]:
    """Return the year; whatever is done to it is undone afterwards."""
    shutil.copytree(built.year.root, tmp_path / "kept")
    yield built
    shutil.rmtree(built.year.root)
    shutil.copytree(tmp_path / "kept", built.year.root)


def test_a_whole_year_proves_every_practice_of_level_4(world):
    found = world.findings()
    assert set(found) == set(PRACTICES)
    assert {name: said for name, said in found.items() if said[0] is not State.PROVED} == {}


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def tag(name: str, number: int) -> str:
    return f"DELETE FROM model_version_tags WHERE key = '{name}' AND version = {number}"


DAMAGES: dict[str, tuple[Callable[[World], object], set[str]]] = {
    "no year": (lambda w: (w.year.root / "year.json").unlink(), set(PRACTICES)),
    "not over": (lambda w: w.write("year.json", '{"state": "running"}'), set(PRACTICES)),
    "a year of another workspace": (
        lambda w: w.write("year.json", json.dumps({"state": "done", "commit": "b" * 40})),
        set(PRACTICES),
    ),
    "a year of no commit": (lambda w: w.write("year.json", '{"state": "done"}'), set(PRACTICES)),
    "no registry": (lambda w: w.year.mlflow_db.unlink(), set(PRACTICES)),
    "no rules": (
        lambda w: (w.year.project / "alerts.toml").unlink(),
        {"monitoring-with-alerts"},
    ),
    "no signals": (
        lambda w: (w.year.serving / "signals.jsonl").unlink(),
        {"monitoring-with-alerts"},
    ),
    "alerts never resolved": (
        lambda w: w.keep([e for e in w._lines if e["step"] != "resolved"]),
        {"monitoring-with-alerts", "end-to-end-automation"},
    ),
    "alerts that never fired": (
        lambda w: w.keep([e for e in w._lines if e["step"] != "fired"]),
        {
            "monitoring-with-alerts",
            "feedback-loop",
            "continuous-training",
            "end-to-end-automation",
        },
    ),
    "one retraining only": (
        lambda w: w.without(kind="retraining", id=f"{SECOND}-1"),
        {"continuous-training"},
    ),
    "runs that name no alert": (
        lambda w: w.sql("UPDATE tags SET value = 'manual' WHERE key = 'trigger'"),
        {"feedback-loop", "continuous-training", "end-to-end-automation"},
    ),
    "a training by hand": (
        lambda w: w.sql(
            "UPDATE tags SET value = 'manual' WHERE key = 'trigger' AND value LIKE '%06-29'"
        ),
        {"continuous-training"},
    ),
    "no decision of the gate": (
        lambda w: [w.sql(tag("gate.decision", number)) for number in (2, 3)],
        {"feedback-loop", "continuous-training", "end-to-end-automation"},
    ),
    "the same data twice": (
        lambda w: w.sql("UPDATE model_version_tags SET value = 'x' WHERE key = 'data_digest'"),
        {"continuous-training"},
    ),
    "a promotion without a canary": (
        lambda w: w.keep([e for e in w._lines if e["id"] != "c3"]),
        {"progressive-delivery"},
    ),
    "a canary without its second step": (
        lambda w: w.without(kind="canary", step="step", id="c2"),
        {"progressive-delivery"},
    ),
    "a canary that nobody met": (
        lambda w: w.year.predictions_db.unlink(),
        {"progressive-delivery"},
    ),
    "a failed request": (
        lambda w: replace(w.year.traffic_log, '"ok": true', '"ok": false'),
        {"zero-downtime"},
    ),
    "a lost request": (
        lambda w: replace(w.year.traffic_log, '"flights": 2', '"flights": "two"'),
        {"zero-downtime"},
    ),
    "no traffic": (lambda w: w.year.traffic_log.unlink(), {"zero-downtime"}),
    "an edited line": (
        lambda w: replace(w.year.events_log, '"actor": "gate"', '"actor": "loop"'),
        {"governance", "end-to-end-automation"},
    ),
    "a head of another key": (
        lambda w: (w.year.root / "keys" / "audit-head.json").unlink(),
        {"governance", "end-to-end-automation"},
    ),
    "a cut log": (
        lambda w: w.year.events_log.write_text(
            "".join(w.year.events_log.read_text().splitlines(keepends=True)[:-1])
        ),
        {"governance", "end-to-end-automation"},
    ),
    "a lost public key": (
        lambda w: (w.year.root / "keys" / "signing.pub").unlink(),
        {"governance", "end-to-end-automation"},
    ),
    "a flipped byte": (lambda w: flip(w.folders[2] / "model.skops"), {"governance"}),
    "another card": (
        lambda w: (w.folders[2] / "card.md").write_text("# another\n"),
        {"governance"},
    ),
    "no card": (lambda w: (w.folders[3] / "card.md").unlink(), {"governance"}),
    "no signature": (lambda w: (w.folders[1] / "signature.json").unlink(), {"governance"}),
    "no policy": (lambda w: w.sql(tag("policy.decision", 3)), {"governance"}),
    "a policy that was never written down": (
        lambda w: w.without(kind="policy", id="policy-3"),
        {"governance"},
    ),
    "a step by hand": (
        lambda w: w.keep([*w._lines, {**w._lines[-1], "actor": "ada", "id": "by-hand"}]),
        {"end-to-end-automation"},
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_without_any_one_part_a_practice_is_proved_no_longer(name, world):
    damage, wanted = DAMAGES[name]
    damage(world)
    found = world.findings()
    lacking = {practice for practice, said in found.items() if said[0] is not State.PROVED}
    assert lacking == wanted, found


def test_what_is_lacking_says_what_to_do(tmp_path):
    found = YearCollector(MODEL, Layout(tmp_path), (NAME, NAME)).collect()
    assert all(each.state is State.MISSING and "maturity year" in each.mend for each in found)
