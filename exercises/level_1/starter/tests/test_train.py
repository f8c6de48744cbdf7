"""What the training promises: the right days, the same model twice, an honest score."""

from flights.train import train


def test_training_runs(many_flights):
    train(many_flights)  # it runs: but what would have to be wrong for this test to notice?


# TODO 1.2: which days train and which judge; the same flights trained on twice; a pattern that no
# model can miss (`many_flights` holds one: from JFK always late, from EWR never).
