"""The learner's model server: started, watched and stopped, and never left behind.

`server.py` is what the others call, `keeper.py` the process between it and the server, `button.py`
what a notebook shows.
"""
