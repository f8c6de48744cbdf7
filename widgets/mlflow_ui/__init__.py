"""The MLflow UI one click away: under JupyterLab's own address, or beside a terminal.

`button.py` is what a notebook shows, `extension.py` what JupyterLab loads, `serve.py` the process
that both lead to, `store.py` the database that it shows.
"""
