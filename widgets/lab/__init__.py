"""What `python lab.py` does: set-up, start, doctor, tests, rendering.

`main`, `environment`, `setup_lock`, `processes`, `start` and `doctor` run before anything is
installed: they use the standard library alone. `render` and `walk` run inside the `.venv`.
"""
