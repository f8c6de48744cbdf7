"""JupyterLab as a learner meets it: no dialog, no pop-up, no kernel left behind.

`python lab.py` puts these settings into the `.venv` that it makes.
"""

import shutil
from pathlib import Path

# Where JupyterLab looks for each file, below the folder of an environment.
PLACES = {
    "overrides.json": "share/jupyter/lab/settings/overrides.json",
    "jupyter_server_config.json": "etc/jupyter/jupyter_server_config.json",
    "jupyter_lab_config.json": "etc/jupyter/jupyter_lab_config.json",
    "mlflow_ui.json": "etc/jupyter/jupyter_server_config.d/maturity_mlflow_ui.json",
    "ipython_kernel_config.json": "etc/ipython/ipython_kernel_config.json",
}


def install_settings(prefix: Path) -> list[Path]:
    """Copy the settings into the environment in the folder `prefix`; return where they lie."""
    written = []
    for name, place in PLACES.items():
        target = prefix / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(__file__).with_name(name), target)
        written.append(target)
    return written
