"""Reads which versions a project pins, beside the versions installed here."""

from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from widgets.forge.record import Package


def compare_with_installed(requirements: Path) -> dict[str, Package]:
    """Return each package of `requirements` with its pin (`==`) and the installed version.

    Lines that are no requirement (options, comments) and lines for other systems are passed
    over; a missing file has no packages.
    """
    if not requirements.is_file():
        return {}
    packages: dict[str, Package] = {}
    for line in requirements.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            requirement = Requirement(line.split(" #")[0].strip())
        except InvalidRequirement:
            continue
        if requirement.marker and not requirement.marker.evaluate():
            continue
        name = canonicalize_name(requirement.name)
        packages[name] = Package(installed=_installed(name), pinned=_pin(requirement))
    return packages


def _pin(requirement: Requirement) -> str | None:
    clauses = list(requirement.specifier)
    if len(clauses) == 1 and clauses[0].operator == "==" and "*" not in clauses[0].version:
        return clauses[0].version
    return None


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
