"""Looks at a team's project from all sides that were named, and weighs it against what was said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from widgets.base.addresses import shown
from widgets.base.errors import KitError
from widgets.evidence import Assessment, Claim, Finding, assess
from widgets.evidence.mlflow_files import FilesSource
from widgets.evidence.mlflow_runs import Tracking, TrackingSource, UnseenError, named
from widgets.evidence.mlflow_source import source_of
from widgets.maturity import Model, State, load
from widgets.project.alerts import alert_finding, rules_in
from widgets.project.answers import Answers, Said, Word, of_practice
from widgets.project.choose import read_tracking
from widgets.project.code import Code
from widgets.project.deployments import deployment_finding
from widgets.project.exports import Exports, read_exports
from widgets.project.git import Git, Place, find_place
from widgets.project.practices import questions
from widgets.project.serving import Service, ask_service, service_findings
from widgets.project.snapshot import Snapshot, Texts, take
from widgets.project.traces import Seen, find_traces
from widgets.project.trainings import Trainings
from widgets.project.workflows import BY_CLOCK, BY_HAND, GITLAB, Workflow

REACHED = 200_000  # commits, the newest, of all branches and tags
RULE_FILES = 2000  # that may hold alert rules are read at most

Tick = Callable[[str, int, int], None]  # what is being done, how far, of how much


@dataclass(frozen=True)
class Asked:
    """What is to be looked at.

    Attributes
    ----------
    repo : Path
        The project's folder.
    tracking_uri, serving_url : str
        MLflow's tracking address and the service's; empty if there is none to look at.
    exports : Path or None
        The folder with what a clone cannot hold.
    answers : Answers
        What people answered, by person.
    experiment, model : str
        The names in the tracking; empty ones are chosen.
    serving_token_file : Path or None
        The file with the token that the service wants to hear.
    """

    repo: Path
    _: KW_ONLY
    tracking_uri: str = ""
    serving_url: str = ""
    exports: Path | None = None
    answers: Answers = field(default_factory=dict)
    experiment: str = ""
    model: str = ""
    serving_token_file: Path | None = None


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes
    ----------
    name, commit : str
        The project, and the commit that was looked at.
    at : datetime
        When.
    assessment : Assessment
        Practice by practice.
    said : mapping of str to Said
        What people said, by practice.
    looked_at, notes : tuple of str
        The sources; and what could not be seen of them.
    missing_exports : tuple of str
        Files that would show more.
    """

    name: str
    commit: str
    at: datetime
    assessment: Assessment
    said: Mapping[str, Said]
    looked_at: tuple[str, ...]
    notes: tuple[str, ...]
    missing_exports: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """What the repository and the tracking have shown.

    Attributes
    ----------
    snapshot : Snapshot
        The commit that was looked at.
    code, unseen : list of Finding
        What code and history show; and what is to be said where no tracking was seen.
    tracking : Tracking or None
        The runs and versions.
    seen : dict
        Traces of other tools, by practice.
    rules : mapping of str to str
        The alert rules, and the files in which they stand.
    training : tuple of Workflow
        The workflows that train.
    known : frozenset of str
        Which of the commits that runs name are in the repository.
    """

    snapshot: Snapshot
    code: list[Finding]
    tracking: Tracking | None
    unseen: list[Finding]
    seen: dict[str, list[Seen]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    training: tuple[Workflow, ...] = ()
    known: frozenset[str] = frozenset()


def assess_project(asked: Asked, tick: Tick = lambda what, done, of: None) -> Result:
    """Look at a project and say where it stands.

    Raises
    ------
    KitError
        If a folder, a file or an address that was named cannot be used.
    """
    model, notes = load(), list[str]()
    tick("reading git's history and files", 0, 1)
    place = find_place(asked.repo)
    exports = read_exports(asked.exports)
    url = asked.serving_url
    service = ask_service(url, asked.serving_token_file) if url else None
    if place is None:
        looked = _no_place(asked, model, notes)
    else:
        looked = _look(asked, place, exports, model, notes, tick)
    tracking = looked.tracking
    found = [*looked.code, alert_finding(exports, looked.rules)]
    found += [deployment_finding(exports, tracking), *service_findings(service, tracking)]
    if tracking is None:
        found += looked.unseen
    else:
        rest = (looked.known, exports, looked.training, looked.rules)
        found += Trainings(tracking, *rest).findings(model)
    seen, snapshot = looked.seen, looked.snapshot
    found = _with_traces(model, found, seen)
    said = {practice.id: of_practice(asked.answers, practice.id) for practice in model.practices}
    result = assess(model, _denied(found, said), _claims(said))
    tick("done", 1, 1)
    return Result(
        snapshot.name,
        snapshot.commit,
        datetime.now(UTC),
        result,
        said,
        tuple(_looked_at(asked, snapshot, tracking, service, exports)),
        (*notes, *exports.notes),
        tuple(exports.missing()),
    )


def _no_place(asked: Asked, model: Model, notes: list[str]) -> Looked:
    """Say of a folder that is in no git repository what can be said."""
    notes.append(f"{asked.repo} is in no git repository")
    code = [_no_repository(practice.id) for practice in model.practices_of(1)]
    return Looked(Snapshot(asked.repo.resolve().name), code, *_tracking(asked, notes))


def _look(
    asked: Asked, place: Place, exports: Exports, model: Model, notes: list[str], tick: Tick
) -> Looked:
    """Look into a repository, and into the tracking that belongs to it."""
    git = Git(place.git_dir)
    snapshot = take(place, git)
    texts = Texts(git, snapshot)
    seen = find_traces(
        snapshot.files, texts, notes, lambda n, of: tick("looking for traces", n, of)
    )
    code = Code(snapshot, texts, exports)
    findings, training = code.findings(model), code.training()
    add_workflows(seen, training)
    may = [path for path in snapshot.files if _may_rule(path)][:RULE_FILES]
    texts.fetch(may)
    rules = rules_in({path: texts.read(path) or "" for path in may})
    tick("reading the tracking", 0, 1)
    tracking, unseen = _tracking(asked, notes)
    known = _known(git, tracking)
    notes += [*snapshot.notes, *texts.notes()]
    return Looked(snapshot, findings, tracking, unseen, seen, rules, training, known)


def _no_repository(practice: str) -> Finding:
    what, where = "there is no git repository", "the folder that was named"
    return Finding(practice, State.MISSING, what, where, questions()[practice].next)


def add_workflows(seen: dict[str, list[Seen]], training: Sequence[Workflow]) -> None:
    """Take a workflow that trains, and is not only a person's to start, for a trace of training."""
    for workflow in training:
        tool = "GitLab CI" if workflow.path == GITLAB else "GitHub Actions"
        step = workflow.step(lambda command: command.trains)
        if step is None or not workflow.starts - BY_HAND:
            continue
        found = Seen(f"{tool} that trains", step.where)
        seen.setdefault("automated-training", []).insert(0, found)
        if workflow.starts & BY_CLOCK:
            seen.setdefault("continuous-training", []).insert(0, found)


def _may_rule(path: str) -> bool:
    return path.endswith((".yml", ".yaml", ".rules"))


def _tracking(asked: Asked, notes: list[str]) -> tuple[Tracking | None, list[Finding]]:
    """Return what the tracking holds; else what is to be said of the practices it would show."""
    names = ("automated-training", "experiment-tracking", "systematic-metrics", "model-registry")
    if not asked.tracking_uri:
        mend = "Name MLflow's address or folder (--tracking-uri)."
        unseen = UnseenError(State.HIDDEN, "no tracking was named", "MLflow", mend)
    else:
        source = _source(asked.tracking_uri)
        try:
            return read_tracking(source, asked.experiment, asked.model, notes), []
        except UnseenError as error:
            unseen = error
    where = unseen.where or "MLflow"
    return None, [Finding(name, unseen.state, unseen.what, where, unseen.mend) for name in names]


def _source(uri: str) -> TrackingSource:
    """Return who reads an address, a database file or a folder.

    Raises
    ------
    KitError
        If it names a file or a folder that is not there.
    """
    if "://" not in uri and "@" in uri:
        raise KitError(f"{shown(uri)}: an address begins with http:// or https://.")
    scheme, _, rest = uri.partition("://")
    path = Path(rest[1:].split("?")[0] if scheme == "sqlite" else uri).expanduser().resolve()
    if scheme in (uri, "sqlite") and not path.exists():
        raise KitError(
            f"{path}: there is no such file or folder. Name MLflow's database "
            "(sqlite:///…/mlflow.db), its folder (mlruns) or its address (http://…)."
        )
    if scheme != uri:
        return source_of(uri)
    return source_of(f"sqlite:///{path.as_posix()}") if path.is_file() else FilesSource(path)


def _known(git: Git, tracking: Tracking | None) -> frozenset[str]:
    """Return which of the commits that runs name are in the repository."""
    if tracking is None:
        return frozenset()
    runs = (*tracking.runs, *tracking.origins.values())
    asked = sorted({run.commit for run in runs if run.commit})
    if not asked:
        return frozenset()
    lines = "".join(f"{name}^{{commit}}\n" for name in asked).encode()
    told = git.ask("cat-file", "--batch-check=%(objectname)", given=lines).decode()
    there = frozenset(asked) & set(told.splitlines())
    if not there:
        return there
    # A commit that was amended away is still an object, and in no other clone.
    reached = git.ask("rev-list", f"--max-count={REACHED}", "--branches", "--remotes", "--tags")
    return there & set(reached.decode().split())


def _with_traces(
    model: Model, found: Sequence[Finding], seen: Mapping[str, Sequence[Seen]]
) -> list[Finding]:
    """Add what only describes a practice, where nothing proves it; say what nobody could see."""
    together = list(found)
    for practice in (each.id for each in model.practices):
        own = [finding for finding in found if finding.practice == practice]
        seen_by_eye = {State.PROVED, State.CLAIMED}
        if own and all(finding.state in seen_by_eye for finding in own):
            continue
        shows = f"Would show it: {questions()[practice].shows}."
        if traces := seen.get(practice):
            what = f"trace of {named((trace.tool for trace in traces), most=4)}"
            where = named((trace.where for trace in traces), most=4)
            mend = "" if own else shows
            together.append(Finding(practice, State.CLAIMED, what, where, mend))
        elif not own:
            what, where = "it happens outside of what was looked at", "git and MLflow"
            together.append(Finding(practice, State.HIDDEN, what, where, shows))
    return together


def _claims(said: Mapping[str, Said]) -> dict[str, Claim]:
    """Return what all who know it say yes to."""
    return {
        practice: Claim(
            f"answered yes by {named(sorted(p for p, word in each.by.items() if word is Word.YES))}"
        )
        for practice, each in said.items()
        if each.agreed is Word.YES
    }


def _denied(found: Sequence[Finding], said: Mapping[str, Said]) -> list[Finding]:
    """Take people's word, if all who know say no, over a file and over what cannot be seen."""
    kept = []
    for finding in found:
        about = said[finding.practice]
        if about.agreed is Word.NO and finding.state in (State.CLAIMED, State.HIDDEN):
            people = named(sorted(who for who, word in about.by.items() if word is Word.NO))
            what, mend = f"answered no by {people}", questions()[finding.practice].next
            if finding.state is State.CLAIMED:
                what += f"; {finding.what}"
            finding = Finding(finding.practice, State.MISSING, what, finding.where, mend)
        kept.append(finding)
    return kept


def _looked_at(
    asked: Asked,
    snapshot: Snapshot,
    tracking: Tracking | None,
    service: Service | None,
    exports: Exports,
) -> list[str]:
    """Return the sources, as a person names them."""
    looked = [f"git: {snapshot.prefix or 'the whole repository'} at {snapshot.commit[:10] or '–'}"]
    if tracking is not None:
        looked.append(
            f"MLflow: experiment {tracking.experiment or '–'}, model {tracking.model or '–'} "
            f"in {tracking.where}"
        )
    if service is not None:
        looked.append(f"service: {service.where}")
    kinds: dict[str, Sequence[object] | None] = {
        "CI runs": exports.ci_runs,
        "deployments": exports.deployments,
        "alerts": exports.alerts,
    }
    counted = [f"{len(kind):,} {name}" for name, kind in kinds.items() if kind is not None]
    if counted:
        looked.append(f"exports: {', '.join(counted)}")
    if asked.answers:
        looked.append(f"answers of {named(sorted(asked.answers), most=6)}")
    return looked
