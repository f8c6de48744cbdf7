"""The MLflow UI one click away: under JupyterLab's own address, or beside a terminal.

`button.py` is what a notebook shows, `extension.py` what JupyterLab loads, `serve.py` the process
that both lead to, `door.py` what guards it on a port, `store.py` the database that it shows.
"""
