#!/usr/bin/env python3
"""The one command of the kit: `python lab.py` sets everything up and opens the first notebook.

`python lab.py --help` lists its other words. Nothing but Python is needed to run it. This file
keeps to a syntax that old Pythons understand, so that they can say which one is needed.
"""

# ruff: noqa: UP032 (f-strings are too new for a Python that is too old)

import sys

NEEDED = (3, 11)


def complaint(version, path, found):
    """Return what to tell the owner of a Python that is too old, or None if it will do.

    `found` is the name of a newer Python on this machine, or None.
    """
    if tuple(version[:2]) >= NEEDED:
        return None
    mend = (
        "This machine has one. Run:  {} lab.py".format(found)
        if found
        else "Install a newer one (python.org, or your system's packages) and run this with it."
    )
    return "This kit needs Python {}.{} or newer; this is Python {}.{} ({}).\n{}".format(
        NEEDED[0], NEEDED[1], version[0], version[1], path, mend
    )


def newer_python():
    """Return the name of a Python on the PATH that is new enough and runs, or None."""
    import subprocess

    for minor in (14, 13, 12, 11):
        name = "python3.{}".format(minor)
        try:
            pipe = subprocess.PIPE
            process = subprocess.Popen([name, "--version"], stdout=pipe, stderr=pipe)
            process.communicate()
        except OSError:
            continue
        if process.returncode == 0:
            return name
    return None


if __name__ == "__main__":
    if complaint(sys.version_info, sys.executable, None):
        sys.exit(complaint(sys.version_info, sys.executable, newer_python()))
    try:
        from widgets.lab.main import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
