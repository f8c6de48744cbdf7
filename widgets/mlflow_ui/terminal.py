"""The MLflow UI beside a terminal, for those who learn without JupyterLab."""

from collections.abc import Callable

from widgets.base.paths import Layout
from widgets.mlflow_ui.process import UiProcess


def serve_until_stopped(
    layout: Layout, port: int, ready: Callable[[str], None], tick: Callable[[], None]
) -> None:
    """Serve the UI on this machine's own address until Ctrl-C.

    Parameters
    ----------
    layout : Layout
        The workspace whose runs and models are shown.
    port : int
        The port; 0 for a free one.
    ready : callable
        Given the address when it can be opened.
    tick : callable
        Called about every second until then.

    Raises
    ------
    KitError
        If it does not start.
    """
    process = UiProcess(layout, port)
    try:
        process.wait_until_ready(tick)
        ready(process.address)
        process.process.wait()
    except KeyboardInterrupt:
        pass
    finally:
        process.stop()
