"""A hub on one machine for trying a class out: `jupyterhub -f docs/hub/jupyterhub_config.py`.

The hub's programs are installed into the kit's environment (`.venv/bin/python -m pip install -c
constraints.txt jupyterhub nbgitpuller`, and `npm install configurable-http-proxy`). MATURITY_HUB, a
folder of yours, holds what the hub and the learners write; MATURITY_HUB_PASSWORD is everybody's.
All servers run as the one who started the hub: for a try, never for a class, which takes The
Littlest JupyterHub (docs/classroom.md). What a class needs of this file is `Spawner.cmd`.
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

# The learner's server prepares the learner's workspace, as the learner, and has the kit's settings.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "home" / "{username}")
c.Spawner.cmd = [sys.executable, str(KIT / "lab.py"), "run", "jupyterhub-singleuser"]
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.environment = {
    "MATURITY_WORKSPACE": lambda spawner: str(HUB / "home" / spawner.user.name / "workspace")
}
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "MATURITY_CLASSROOM"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
