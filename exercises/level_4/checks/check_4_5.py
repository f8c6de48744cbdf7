"""4.5 Governance: a chain that shows each change, a policy, and models that are sealed."""

import json
import os
from dataclasses import replace

import pytest
from _bench import client, few
from _registry import MODEL, begin, champion, files_of, register

AUDIT = "flights/audit.py"
POLICY = "flights/policy.py"
SEAMS = {
    "after_register": "flights.release.on_registered",
    "rollout": "flights.policy.roll_out",
    "loader": "flights.sealed.load_files",
    "event_writer": "flights.audit.append",
}


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    os.chdir(project)
    return begin(project, workspace / "bench", kit_flights, {})


# The chain


@pytest.fixture
def log(settings, tmp_path):
    """A log of its own: two lines from before the chain, and five of it."""
    from flights import audit, events

    own = replace(settings, serving=tmp_path / "serving")
    for number in range(7):
        event = events.Event(
            at=f"2013-06-0{number + 1}T00:00:00+00:00",
            kind="deploy",
            step="done",
            id=f"d-{number}",
            version=number,
            previous=None,
            run_id=None,
            actor="gate",
            cause="written by the check",
        )
        (events if number < 2 else audit).append(event, own)
    return own


def version(number: int):
    """Return a version, with its tags."""
    return client().get_model_version(MODEL, str(number))


def lines_of(log) -> list[str]:
    return (log.serving / "events.jsonl").read_text(encoding="utf-8").splitlines()


def rehashed(entry: dict) -> str:
    """Return an entry with the hash of what it says now, as somebody would forge it."""
    from flights.audit import digest

    return json.dumps(entry | {"hash": digest(entry)})


def edited(lines: list[str]) -> list[str]:
    entry = json.loads(lines[4])
    return [*lines[:4], json.dumps(entry | {"actor": "nobody"}), *lines[5:]]


def edited_and_rehashed(lines: list[str]) -> list[str]:
    entry = json.loads(lines[4])
    return [*lines[:4], rehashed(entry | {"actor": "nobody"}), *lines[5:]]


def inserted(lines: list[str]) -> list[str]:
    entry = json.loads(lines[4])
    return [*lines[:5], rehashed(entry | {"prev": entry["hash"], "seq": 3}), *lines[5:]]


def unchained(lines: list[str]) -> list[str]:
    plain = {name: text for name, text in json.loads(lines[4]).items() if name != "hash"}
    return [*lines[:5], json.dumps(plain), *lines[5:]]


def forked(lines: list[str]) -> list[str]:
    entry = json.loads(lines[-1])
    return [*lines, rehashed(entry | {"cause": "a second writer, who saw the same last line"})]


# What was done to the log, and the number of the first line that is broken by it (from 1).
DAMAGES = {
    "a line was edited": (edited, 5),
    "a line was edited, and its hash made anew": (edited_and_rehashed, 6),
    "a line was removed": (lambda lines: [*lines[:4], *lines[5:]], 5),
    "two lines were swapped": (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5),
    "a line was put in": (inserted, 7),
    "a line without a hash was put in": (unchained, 6),
    "a line stands there twice": (lambda lines: [*lines[:5], *lines[4:]], 6),
    "two programs wrote at once": (forked, 8),
}


def test_whole(log):
    """A log that nobody has touched is whole, and so is one with half a line of a kill."""
    from flights.audit import verify

    found = verify(log)
    assert not found.problem and found.lines == 5, (
        f"Nobody has touched the log, and the verifier says: {found.problem or found} ({AUDIT})."
    )
    file = log.serving / "events.jsonl"
    file.write_text(file.read_text(encoding="utf-8") + '{"at": "2013-06-0', encoding="utf-8")
    found = verify(log)
    assert not found.problem and found.torn == 1, (
        f"A kill left half a line at the end; the verifier says: {found.problem or found} "
        f"({AUDIT})."
    )


@pytest.mark.parametrize("name", DAMAGES)
def test_broken(name, log):
    """Whatever was done to the chain, the first broken line is named."""
    from flights.audit import verify

    damage, number = DAMAGES[name]
    text = "\n".join(damage(lines_of(log))) + "\n"
    (log.serving / "events.jsonl").write_text(text, encoding="utf-8")
    said = verify(log).problem
    assert said, f"{name}, and the verifier finds nothing ({AUDIT})."
    assert said.startswith(f"line {number}:"), (
        f"{name}: the first line that does not fit is line {number}. The verifier says: {said} "
        f"({AUDIT})."
    )


def test_cut(log):
    """A chain that was cut at its end holds together; its signed length says what is missing."""
    from flights.audit import verify

    kept = lines_of(log)[:-2]
    (log.serving / "events.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    said = verify(log).problem
    assert "cut" in said, f"The last two lines are gone; the verifier says {said!r} ({AUDIT})."


# The policy


@pytest.fixture
def papers(settings):
    """Papers of a version that is routine."""
    from flights.policy import Kind, Papers

    inputs = ("hour: double", "carrier: string")
    return Papers(
        kind=Kind(2, "LogisticRegression", inputs),
        champion=Kind(1, "LogisticRegression", inputs),
        approved_by="",
        said={},
        run={},
        metrics={},
        labels={},
        files={},
        signature="",
    )


def kind(papers, family="LogisticRegression", inputs=None):
    """Return the papers of another kind of model."""
    found = replace(papers.kind, family=family)
    return replace(papers, kind=replace(found, inputs=inputs or papers.kind.inputs))


def test_routine(papers):
    """The same family with the same inputs is approved beforehand; so is the first one of all."""
    from flights.policy import check_kind

    found = check_kind(papers)
    assert found.passed, f"The same kind, trained again, is refused: {found.text} ({POLICY})."
    first = check_kind(replace(papers, champion=None))
    assert first.passed, (
        f"Where none serves there is none to differ from; refused: {first.text} ({POLICY})."
    )


@pytest.mark.parametrize("what", ["family", "inputs"])
def test_new(what, papers):
    """A new family or other inputs need a second person, and the reason says what is new."""
    from flights.policy import check_kind

    new = kind(papers, family="HistGradientBoostingClassifier")
    if what == "inputs":
        new = kind(papers, inputs=("hour: double", "carrier: long"))
    found = check_kind(new)
    assert not found.passed, f"There is a new {what}, nobody has approved it, and it passes."
    word = "HistGradientBoostingClassifier" if what == "family" else "input"
    assert word in found.text, (
        f"There is a new {what}; the reason does not say so ({word}): {found.text} ({POLICY})."
    )
    approved = check_kind(replace(new, approved_by="bea"))
    assert approved.passed and "bea" in approved.text, (
        f"A new {what}, approved by bea: {approved} ({POLICY})."
    )


# The real thing


@pytest.mark.parametrize("seam", SEAMS)
def test_named(seam, settings):
    """pyproject.toml names who seals, who decides, who loads and who writes down."""
    found = settings.seams.get(seam, "")
    assert found == SEAMS[seam], (
        f'{seam} is {found!r} in pyproject.toml, [tool.flights.seams]; wanted is "{SEAMS[seam]}".'
    )


@pytest.fixture(scope="module")
def released(settings, say):
    """What the one command makes: version 1, sealed, judged twice, in service."""
    from flights.pipeline import run_pipeline

    say("the one command: trained, sealed, judged, allowed, deployed")
    run_pipeline(settings)
    return version(1)


def test_released(released, settings):
    """One command: a card, a signature, the policy's yes, and each step in the chain."""
    from flights.audit import verify

    folder = files_of(1)
    for name in ("card.md", "signature.json"):
        assert (folder / name).is_file(), f"Version 1 has no {name} (after_register)."
    refused = [text for name, text in released.tags.items() if name.startswith("policy.reason.")]
    assert released.tags.get("policy.decision") == "yes", f"The policy's reasons: {refused}"
    assert champion() == 1, f"The champion is {champion()} (rollout in pyproject.toml)."
    found = verify(settings)
    assert not found.problem and found.lines > 3, f"The chain: {found} (event_writer)."


def test_flipped(released, settings):
    """One flipped byte, and the version is not loaded any more."""
    from flights.loader import LoadError, load

    load(1, settings)
    file = files_of(1) / "model.skops"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        load(1, settings)
    except LoadError as error:
        said = str(error)
    else:
        raise AssertionError("One byte of the model was changed, and it loads (loader).")
    finally:
        file.write_bytes(whole)
    assert "model.skops" in said, f"Which file was changed is not said: {said}"


def test_second_key(released, settings, kit_flights, tmp_path, say):
    """A new family waits for a second person's key, and another version's approval is none."""
    from flights.approve import approve
    from flights.keys import keys_folder, make_pair
    from flights.policy import judge
    from flights.release import seal
    from flights.sweep import build_boosting
    from flights.training import train_and_measure

    say("a gradient boosting waits for the second key")
    number = register(train_and_measure(few(kit_flights), build_boosting(10, 7)), settings)
    seal(version(number), settings)
    assert not judge(number, settings).yes, (
        f"A new family is in service without a second person ({POLICY})."
    )
    key = tmp_path / "second.key"
    make_pair(key, keys_folder(settings) / "second.pub")
    approve(version(number), key, "compared in the sweep", settings)
    found = judge(number, settings)
    assert found.yes, f"Approved with the second key, and refused: {found} ({POLICY})."
    client().set_model_version_tag(MODEL, str(number), "approval.by", "somebody else")
    assert not judge(number, settings).yes, "A name was put into the approval, and it still counts."
