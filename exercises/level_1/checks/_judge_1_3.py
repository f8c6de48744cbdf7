"""Judges what exercise 1.3 built. Pure: it opens and runs nothing."""

import re
import tomllib

from _build import OTHER_VERSION, TRIED, Built, Ran, named
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

FILE = "pyproject.toml"
PINS = "requirements.txt"
SCRIPT = "flights-train"
TARGET = "flights.train:main"
PIP_NOISE = re.compile(  # and the frames of its tracebacks
    r"\s*$|\s{8}|\s*(note|hint|[×╰╭│]|error: (subprocess|metadata)|\[end of|\[\d+ lines|Getting)"
)


def judge_pyproject(built: Built) -> None:
    """Fail unless pyproject.toml says what the package is, needs and offers."""
    assert built.pyproject is not None, (
        f"There is no {FILE} in the project. `maturity reset 1.3` brings the starter back."
    )
    try:
        data = tomllib.loads(built.pyproject)
    except tomllib.TOMLDecodeError as error:
        raise AssertionError(f"{FILE} is not TOML: {error}. Mend it there.") from None
    project = data.get("project", {})
    name = project.get("name")
    assert name == "flights", (
        f'{FILE}: [project] has the name {name!r}; the package is called "flights". '
        'Write name = "flights".'
        if name
        else f'{FILE}: [project] has no name. Write name = "flights" below [project].'
    )
    assert project.get("version"), f'{FILE}: [project] has no version. Write version = "0.1.0".'
    _judge_python(project.get("requires-python"))
    _judge_dependencies(built, project.get("dependencies", []))
    scripts = project.get("scripts", {})
    assert SCRIPT in scripts, (
        f"{FILE}: there is no command {SCRIPT}. Add a table [project.scripts] with the line "
        f'{SCRIPT} = "{TARGET}".' + (f" Found: {', '.join(scripts)}." if scripts else "")
    )
    target = str(scripts[SCRIPT])
    assert target.replace(" ", "") == TARGET, (
        f"{FILE}: {SCRIPT} calls {target!r}. A target is module:function, with a colon: "
        f'"{TARGET}" is the function main in flights/train.py.'
    )


def judge_wheel(built: Built) -> None:
    """Fail unless the wheel was built and holds the package alone."""
    wheel = built.wheel
    assert wheel is not None and wheel.code == 0, (
        f"`pip wheel` could not build the project without the network:\n{_end(wheel)}\n"
        f"Look at [build-system] and [tool.setuptools] in {FILE}."
    )
    missing = {"flights/features.py", "flights/train.py"} - set(built.wheel_files)
    assert not missing, (
        f"The wheel lacks {', '.join(sorted(missing))}. It holds: {', '.join(built.wheel_files)}. "
        f'[tool.setuptools] in {FILE} should say packages = ["flights"].'
    )
    stray = sorted({file.split("/")[0] for file in built.wheel_files if "dist-info" not in file})
    assert stray == ["flights"], (
        f"The wheel also carries {', '.join(set(stray) - {'flights'})}: whoever installs it gets "
        f'them as packages of their own. [tool.setuptools] in {FILE}: packages = ["flights"].'
    )


def judge_training(built: Built) -> None:
    """Fail unless the installed package trained, from its own files, and saved the model."""
    assert built.install is not None, "There is no wheel to install yet: see above."
    assert built.install.code == 0, f"The wheel could not be installed:\n{_end(built.install)}"
    train = built.train
    assert train is not None and train.code in (0,), (
        f"{SCRIPT} --data FOLDER --model FILE, run from the installed wheel in another folder, "
        f"ended with exit code {train.code if train else None}:\n{_end(train)}\n"
        "Look at main in flights/train.py: does it read a file of the project, or is a module "
        "missing in the wheel?"
    )
    assert built.home in train.output, (
        f"The training did not use the installed package: {_end(train, 3)}. "
        "Is there a path of your own in flights/?"
    )
    assert built.model_saved, (
        f"{SCRIPT} ended well, but the file that --model names is not there. "
        "Look at main in flights/train.py."
    )


def judge_pins(built: Built) -> None:
    """Fail unless requirements.txt pins what the project imports, at the installed versions."""
    assert built.requirements is not None, f"There is no {PINS} in the project."
    faults, pinned = [], set()
    for number, text in enumerate(built.requirements.splitlines(), 1):
        words = text.split("#")[0].strip()
        if not words:
            continue
        place = f"{PINS}:{number}"
        try:
            requirement = Requirement(words)
        except InvalidRequirement:
            faults.append(f"{place}: `{words}` is not of the form name==version")
            continue
        package = named(requirement.name)
        pinned.add(package)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        faults += _pin_faults(place, package, str(requirement.specifier), built.installed)
    for package, place in built.imported.items():
        if package not in pinned:
            version = built.installed.get(package)
            mend = f"add {package}=={version}" if version else "it is not installed either"
            faults.append(f"{place} imports {package}, which {PINS} does not name: {mend}")
    assert not faults, "\n".join(faults)


def judge_ci_passes(built: Built) -> None:
    """Fail unless ci.py ends with 0 on the project as it is."""
    ran = _said(built, "as it is")
    assert ran.code == 0, (
        f"`python ci.py` ended with exit code {ran.code} on your project:\n{_end(ran)}"
    )


def judge_ci_changed(built: Built) -> None:
    """Fail unless ci.py fails when another version is pinned, and names both versions."""
    before, ran = _said(built, "as it is"), _said(built, "changed")
    assert before.code == 0, "First `python ci.py` has to pass on your project as it is: see above."
    installed = built.installed.get(TRIED, "?")
    tried = f"{PINS} was given {TRIED}=={OTHER_VERSION}, while {installed} is installed"
    assert ran.code, (
        f"{tried}, and `python ci.py` ended with 0: it says green for an environment that nobody "
        "asked for. Look at compare_pins in ci.py: what does it compare?"
    )
    for what, words in (
        ("the package", TRIED),
        ("the pinned version", OTHER_VERSION),
        ("the installed version", installed),
    ):
        assert re.search(rf"(?<![\w.]){re.escape(words)}(?![\w]|\.\d)", ran.output), (
            f"{tried}. `python ci.py` failed, but its output does not name {what}, {words}:\n"
            f"{_end(ran)}\nSay what is pinned and what is installed: see compare_pins in ci.py."
        )


def judge_ci_refuses(built: Built) -> None:
    """Fail unless ci.py refuses a loose requirement and notices an import without a pin."""
    cases = {
        "loosened": f"{PINS} was given `{TRIED}>=1.0`: any version would do",
        "missing": f"the line of {TRIED} was taken out of {PINS}, while flights/ imports it",
    }
    for name, tried in cases.items():
        ran = _said(built, name)
        assert ran.code, (
            f"As a test {tried}. `python ci.py pins` ended with 0: on another machine another "
            "version runs, and nobody knows. Look at compare_pins in ci.py."
        )
        assert TRIED in ran.output, (
            f"As a test {tried}. `python ci.py pins` failed, but does not name {TRIED}:\n"
            f"{_end(ran)}"
        )


def _judge_python(said: object) -> None:
    mend = 'Write requires-python = ">=3.11".'
    assert said, f"{FILE}: [project] has no requires-python: which Pythons run it? {mend}"
    try:
        versions = SpecifierSet(str(said))
    except InvalidSpecifier:
        raise AssertionError(f"{FILE}: requires-python = {said!r} is no range. {mend}") from None
    assert versions.contains("3.11.9") and versions.contains("3.13.0"), (
        f"{FILE}: requires-python = {said!r} shuts out Python 3.11 or 3.13. {mend}"
    )


def _judge_dependencies(built: Built, listed: list[str]) -> None:
    try:
        needs = {named(r.name): r for r in map(Requirement, listed)}
    except InvalidRequirement as error:
        raise AssertionError(f"{FILE}: dependencies: {error}") from None
    for package, place in built.imported.items():
        if place.startswith("flights/"):
            assert package in needs, (
                f"{FILE}: dependencies do not name {package}, which {place} imports. Who installs "
                "the wheel would get a package that cannot be imported."
            )
    for package, requirement in needs.items():
        version = built.installed.get(package)
        assert version is None or requirement.specifier.contains(version, prereleases=True), (
            f"{FILE}: dependencies ask for `{requirement}`, but {version} is installed and tested."
        )


def _pin_faults(place: str, package: str, specifier: str, installed: dict[str, str]) -> list[str]:
    version = installed.get(package)
    if version is None:
        return [f"{place}: {package} is not installed here. Take it out, or mend its name"]
    exact = re.fullmatch(r"={2,3}([^*,]+)", specifier)
    if exact is None:
        found = f"`{package}{specifier}` allows any version" if not specifier else (
            f"`{package}{specifier}` allows more than one version")  # fmt: skip
        return [f"{place}: {found}. Pin the one that is installed: {package}=={version}"]
    if exact[1] != version:
        return [
            f"{place}: {package} is pinned to {exact[1]}, but {version} is installed. "
            f"Write {package}=={version}"
        ]
    return []


def _said(built: Built, name: str) -> Ran:
    assert built.ci is not None, f"There is no ci.py, or no {PINS}, in the project."
    assert name in built.ci, f"{PINS} has no line for {TRIED}: pin it first."
    return built.ci[name]


def _end(ran: Ran | None, lines: int = 12) -> str:
    """Return the last lines of what a command said, without what pip adds to every error."""
    if ran is None:
        return "(it was not run)"
    said = [line for line in ran.output.splitlines() if not PIP_NOISE.match(line)]
    return "\n".join(said[-lines:])
