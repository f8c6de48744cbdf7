"""Will this flight arrive late? New York's departures, one model."""

import atexit
import gc

# MLflow and scikit-learn bring two hundred thousand objects, and they stay until the program ends.
# To search them for garbage again and again while they come, and once more at the end, takes a
# third of what a short program needs: so Python looks less often, and not at the end.
gc.set_threshold(100_000)
atexit.register(gc.freeze)

# scikit-learn before MLflow: skops asks every loaded module, the oldest first, where each function
# of NumPy and SciPy is at home, and MLflow's modules take their time to say that they do not know.
import sklearn.linear_model  # noqa: E402, F401
