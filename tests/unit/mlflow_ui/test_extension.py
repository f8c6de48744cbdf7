"""JupyterLab's entry: one tile, one owner, beside the entries of others."""

from jupyter_server_proxy.config import ServerProxy, make_handlers
from traitlets.config import Config
from traitlets.config.configurable import LoggingConfigurable

from widgets.mlflow_ui import extension
from widgets.mlflow_ui.extension import Handler, MlflowUi, _link_jupyter_server_extension


class App(LoggingConfigurable):
    """What JupyterLab's server is to an extension."""


def linked(config):
    app = App(config=config)
    _link_jupyter_server_extension(app)
    return ServerProxy(parent=app).servers


def test_the_entry_stands_beside_those_of_others():
    others = Config({"ServerProxy": {"servers": {"other": {"command": ["other"]}}}})
    assert set(linked(others)) == {"other", "mlflow"}
    assert set(linked(Config())) == {"mlflow"}


def test_the_launcher_has_a_tile_with_an_icon():
    tile = linked(Config())["mlflow"].launcher_entry
    assert (tile.title, tile.path_info) == ("MLflow", "mlflow/")
    assert tile.icon_path.endswith("icon.svg")


def test_all_requests_of_a_server_share_one_owner():
    (path, handler, settings), _ = make_handlers("/user/x/", [MlflowUi()])
    assert path.startswith("/user/x/mlflow")
    assert issubclass(handler, Handler)
    assert isinstance(settings["owner"], extension.Owner)


def test_jupyterlab_finds_the_extension():
    assert extension._jupyter_server_extension_points() == [
        {"module": "widgets.mlflow_ui.extension"}
    ]
