"""What a person reads when the set-up cannot be done, and what is done when it can."""

import os
import sys
from pathlib import Path

import pytest

from widgets.base.errors import KitError
from widgets.lab import install
from widgets.lab.environment import Part
from widgets.lab.install import explain, prepare

LOG = Path("kit-setup.log")
NOWHERE = "http://127.0.0.1:9/simple"  # the port where nobody answers


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("error: Failed to fetch: `https://pypi.org/simple/x/`\n dns error", "pypi.org could not"),
        ("HTTPSConnection(host='pypi.org', port=443): Failed to establish", "pypi.org could not"),
        ("https://me:secret@packages.example/x: connection refused", "packages.example could not"),
        ("https://pypi.org/: invalid peer certificate: UnknownIssuer", "not trusted"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("No solution found: there is no version of x==9", "no version of x==9"),
    ],
)
def test_the_words_of_an_installer_become_what_to_do(output, says):
    message = explain(output, LOG)
    assert says in message
    assert "secret" not in message
    assert str(LOG) in message


@pytest.mark.slow
def test_without_a_network_the_message_names_what_could_not_be_had(kit, steps, monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(kit.root / "cache"))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(KitError, match=r"127\.0\.0\.1.* could not be reached"):
        prepare(kit, Part.LEARNER, steps)
    assert not kit.is_ready(Part.LEARNER)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows write everywhere"
)
def test_a_folder_that_cannot_be_written_is_named_with_the_mend(kit, steps):
    kit.root.chmod(0o555)
    with pytest.raises(KitError, match="folder of your own"):
        prepare(kit, Part.LEARNER, steps)
    kit.root.chmod(0o755)


def test_a_full_disk_is_refused_before_anything_is_done(kit, steps, monkeypatch):
    monkeypatch.setattr(install, "SPACE_NEEDED", 10**18)
    with pytest.raises(KitError, match="Make room"):
        prepare(kit, Part.LEARNER, steps)
    assert not kit.python.exists()
