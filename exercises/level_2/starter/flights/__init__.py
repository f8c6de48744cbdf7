"""Will this flight arrive late? New York's departures, one model."""

# scikit-learn before MLflow: skops asks every loaded module, the oldest first, where each function
# of NumPy and SciPy is at home, and MLflow's modules take their time to say that they do not know.
# In this order they are not asked, and a program that uses all three starts in 60 % of the time.
import sklearn.linear_model  # noqa: F401
