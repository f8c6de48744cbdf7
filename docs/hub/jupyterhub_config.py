"""A hub on one machine for trying a class out: `jupyterhub -f docs/hub/jupyterhub_config.py`.

It runs in the kit's environment (`pip install -c constraints.txt jupyterhub nbgitpuller`, and
`npm install configurable-http-proxy`). MATURITY_HUB, a folder of yours, holds what the hub and the
learners write; MATURITY_HUB_PASSWORD is everybody's. All servers run as the one who started the
hub: for a try, never for a class, which takes The Littlest JupyterHub (docs/classroom.md).
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (jupyterhub gives it)

KIT = Path(__file__).resolve().parents[2]
HUB = Path(os.environ["MATURITY_HUB"]).resolve()

c.JupyterHub.bind_url = "http://127.0.0.1:8000/"
c.JupyterHub.db_url = f"sqlite:///{HUB / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HUB / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(HUB / "proxy.pid")

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["MATURITY_HUB_PASSWORD"]
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "home" / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []


def prepare(spawner):
    """Lay a learner's workspace out before the server opens on it."""
    import subprocess

    workspace = HUB / "home" / spawner.user.name / "workspace"
    spawner.notebook_dir = str(workspace)
    own = {
        "MATURITY_WORKSPACE": str(workspace),
        "GIT_CEILING_DIRECTORIES": str(workspace),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    spawner.environment = own | (
        {"MATURITY_CLASSROOM": os.environ["MATURITY_CLASSROOM"]}
        if "MATURITY_CLASSROOM" in os.environ
        else {}
    )
    workspace.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "widgets.cli", "start"]
    subprocess.run(words, cwd=KIT, env=os.environ | own, check=True, stdout=subprocess.DEVNULL)


c.Spawner.pre_spawn_hook = prepare
