"""3.2 Serve: the learner's server, asked over HTTP while the champion changes and breaks."""

import time

import numpy as np
import pytest
from _bench import client, few
from _registry import MODEL, begin, files_of, log_leaky, point_to, register, train, truncate
from _server import Load, Server, asked, wait_until

SERVE, ROUTER = "flights/serve.py", "flights/router.py"
FIRST, SECOND, BROKEN, LEAKY = 1, 2, 3, 4


@pytest.fixture(scope="module")
def settings(project, workspace, kit_flights):
    return begin(project, workspace / "bench", kit_flights)


@pytest.fixture(scope="module")
def models(settings, kit_flights, say):
    """Two models that answer differently, and two versions that must never serve."""
    say("registering two good versions, one with half a file and one that asks for a delay")
    made = {FIRST: train(kit_flights), SECOND: train(kit_flights, strength=0.0005)}
    assert [register(made[number], settings) for number in (FIRST, SECOND)] == [1, 2]
    register(made[FIRST], settings)
    truncate(BROKEN)
    register(made[FIRST], settings, log=log_leaky)
    return {number: training.model for number, training in made.items()}


@pytest.fixture(scope="module")
def flights(kit_flights):
    return few(kit_flights).tail(200).reset_index(drop=True)


@pytest.fixture(scope="module")
def expected(models, flights):
    """What each model says of each flight, computed without a server."""
    from flights.features import build_features

    features = build_features(flights)
    return {number: model.predict_proba(features)[:, 1] for number, model in models.items()}


@pytest.fixture(scope="module")
def started(settings, models, project, program, workspace, say):
    """A server that was started while there was no champion; it is stopped at the end."""
    say("starting your server")
    servers = [Server(program, project, workspace / "bench")]
    yield servers
    servers[-1].stop()


@pytest.fixture(scope="module")
def nobody(started, flights):
    """What it answers as long as nobody is champion."""
    return started[-1].ask("/predict", {"flights": asked(flights.head(1))})


@pytest.fixture(scope="module")
def server(started, nobody):
    """The server, with the first version as champion."""
    point_to(FIRST)
    assert started[-1].wait_for(FIRST), (
        f"The alias champion points to version 1; six seconds later /ready says "
        f"{started[-1].ready()}. look() must load what is wanted and take it ({ROUTER})."
    )
    return started[-1]


def test_nobody(nobody):
    """As long as there is no champion, the answer is 503, and it says so."""
    status, answer = nobody
    assert status == 503, (
        f"There is no champion yet, and /predict answers {status} ({str(answer)[:200]}). Wanted is "
        f"HTTPException(503, …): the client may come again ({SERVE})."
    )
    assert "champion" in str(answer), f"The 503 does not say what is missing: {answer} ({SERVE})."


def test_one(server, flights, expected):
    """One flight is answered with its probability, the version and a prediction id."""
    (found,) = server.predict(flights.head(1))
    assert found["flight_id"] == flights.loc[0, "flight_id"], f"The flight's id is lost: {found}"
    assert found["version"] == FIRST, f"Version 1 is the champion, the answer says {found}."
    assert abs(found["probability"] - expected[FIRST][0]) < 1e-9, (
        f"The model says {expected[FIRST][0]:.6f} for this flight, the server "
        f"{found['probability']:.6f}. Are the features those of features_of(flights) ({SERVE})?"
    )
    (again,) = server.predict(flights.head(1))
    assert len(found["prediction_id"]) == 32 and again["prediction_id"] != found["prediction_id"], (
        "Each answer has a prediction id of its own: return what write_down returns "
        f"({SERVE}). Found: {found['prediction_id']!r}, {again['prediction_id']!r}."
    )


def test_many(server, flights, expected):
    """Many flights in one request are answered in their order."""
    found = server.predict(flights.head(50))
    assert [each["flight_id"] for each in found] == flights["flight_id"].head(50).tolist(), (
        f"Fifty flights were asked about; the answers have other ids or another order ({SERVE})."
    )
    off = np.abs(np.array([each["probability"] for each in found]) - expected[FIRST][:50])
    assert off.max() < 1e-9, (
        f"{(off >= 1e-9).sum()} of 50 answers belong to other flights ({SERVE})."
    )


WRONG = {
    "a missing field": (lambda flight: flight.pop("distance"), "distance"),
    "a delay that nobody knows yet": (lambda flight: flight.update(dep_delay=3.0), "dep_delay"),
    "a word for a number": (lambda flight: flight.update(temp="warm"), "temp"),
    "a distance of -5 miles": (lambda flight: flight.update(distance=-5), "distance"),
    "a time without a zone": (
        lambda flight: flight.update(scheduled_at="2013-01-31T10:00:00"),
        "scheduled_at",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong(what, server, flights):
    """A request that is wrong gets 422, and the field is named."""
    spoil, field = WRONG[what]
    (flight,) = asked(flights.head(1))
    spoil(flight)
    status, answer = server.ask("/predict", {"flights": [flight]})
    assert status == 422, f"With {what} the answer is {status}: {str(answer)[:200]} ({SERVE})."
    assert field in str(answer), f"With {what} the answer does not name {field}: {answer}"


def test_too_many(server, flights):
    """Ten thousand flights at once, no JSON, and a foreign host are refused; it goes on."""
    (flight,) = asked(flights.head(1))
    for text, (status, answer), wanted in (
        (
            "ten thousand flights",
            server.ask("/predict", {"flights": [flight] * 10_000}),
            (413, 422),
        ),
        ("no JSON", server.ask("/predict", raw=b"{flights: ["), (422,)),
        ("a foreign Host", server.ask("/health", Host="evil.example"), (400,)),
    ):
        assert status in wanted, f"{text}: {status}, {str(answer)[:200]}. Wanted is {wanted[-1]}."
    assert server.ask("/health")[0] == 200


def test_unseen(server, flights):
    """An airline and an airport that the model has never met are answered, and counted."""
    before = server.metric("flights_unseen_total")
    server.predict(flights.head(1).assign(carrier="ZZ", dest="XYZ"))
    counted = server.metric("flights_unseen_total") - before
    assert counted == 2, (
        f"An unknown airline and an unknown airport were asked about; flights_unseen_total grew by "
        f"{counted:.0f}, not by 2: count_unseen for each share ({SERVE})."
    )


def test_counts(server, flights):
    """/metrics counts the requests and the predictions of each version."""
    before = server.metric("flights_predictions_total")
    server.predict(flights.head(7))
    assert server.metric("flights_predictions_total") - before == 7, (
        f"Seven flights were answered, and flights_predictions_total does not say so ({SERVE})."
    )
    assert server.metric("flights_requests_total") > 0


def test_change(server, flights, expected, say):
    """While requests go on the champion changes, four times: none fails, none is half and half."""
    say("the champion changes four times while requests go on")
    with Load(server, flights) as load:
        for number in (SECOND, FIRST, SECOND, FIRST):
            point_to(number)
            assert server.wait_for(number), (
                f"The alias points to version {number}; /ready still says {server.ready()}. "
                f"look() takes another version than the one that serves ({ROUTER})."
            )
            time.sleep(0.2)
    assert not load.failures, (
        f"{len(load.failures)} of {len(load.answers)} requests failed: {load.failures[0][:300]}"
    )
    versions = {found["version"] for _, found in load.answers}
    assert versions == {FIRST, SECOND}, f"Only version {versions} was seen ({ROUTER})."
    mixed = [
        found
        for place, found in load.answers
        if abs(found["probability"] - expected[found["version"]][place]) > 1e-9
    ]
    assert not mixed, (
        f"{len(mixed)} of {len(load.answers)} answers name a version that says something else: a "
        f"request finishes on the model that it began with. Ask the router once ({SERVE})."
    )


BAD = {
    BROKEN: "has half a file",
    LEAKY: "asks for dep_delay, which nobody sends",
    99: "does not exist",
}


@pytest.mark.parametrize("number", BAD)
def test_keeps(number, server, flights):
    """A champion that cannot serve never does: the last good one goes on, and /ready says why."""
    point_to(FIRST)
    assert server.wait_for(FIRST)
    refused = server.metric("flights_changeovers_total")
    if number == 99:
        nowhere = files_of(FIRST) / "nowhere"  # the server may look before it is deleted
        doomed = client().create_model_version(MODEL, nowhere.as_uri())
        point_to(int(doomed.version))
        client().delete_model_version(MODEL, doomed.version)
        client().set_registered_model_alias(MODEL, "candidate", str(FIRST))
    else:
        point_to(number)
        told = wait_until(lambda: server.ready()["problem"], 6)
        assert told, (
            f"The champion {BAD[number]}, and /ready says nothing of it: {server.ready()}. What "
            f"cannot be loaded is refused: self._refuse(wanted, error) ({ROUTER})."
        )
    time.sleep(0.4)
    (found,) = server.predict(flights.head(1))
    assert found["version"] == FIRST, (
        f"The champion {BAD[number]}, and version {found['version']} answers ({ROUTER})."
    )
    if number != 99:
        tried = server.metric("flights_changeovers_total") - refused
        assert tried, (
            f"The champion {BAD[number]}, and it was not refused; /ready says: {told}. What cannot "
            f"be loaded is refused: self._refuse(wanted, error) ({ROUTER})."
        )
        assert tried == 1, (
            f"The same bad version was loaded {tried:.0f} times within half a second: what has "
            f"been refused is not tried again until the alias moves (_is_refused, {ROUTER})."
        )
    point_to(SECOND)
    assert server.wait_for(SECOND), f"After that a good version is not taken any more ({ROUTER})."


def test_registry_gone(server, settings, flights):
    """With the registry gone it goes on serving, and /ready says what is wrong."""
    database = settings.artifacts.parent / "mlflow.db"
    away = database.with_suffix(".away")
    try:
        database.rename(away)
    except PermissionError:  # Windows: what your server has open cannot be taken from it
        return
    try:
        assert wait_until(lambda: "registry" in server.ready()["problem"], 6), (
            f"The registry is gone; /ready says {server.ready()} ({ROUTER})."
        )
        assert server.predict(flights.head(1))[0]["version"] == SECOND
        assert not database.exists(), "Asking for the alias has made a new, empty registry."
    finally:
        database.unlink(missing_ok=True)
        away.rename(database)
    assert wait_until(lambda: not server.ready()["problem"], 6), server.ready()


def test_restart(server, started, project, program, workspace, flights, say):
    """Killed while a bad champion was coming, it comes back on the last good version."""
    say("killing your server while a bad champion comes, and starting it again")
    point_to(BROKEN)
    started[-1].kill()
    started.append(Server(program, project, workspace / "bench"))
    (found,) = started[-1].predict(flights.head(1))
    assert found["version"] == SECOND, f"Version 2 served before the kill, now {found['version']}."
    point_to(FIRST)
    assert started[-1].wait_for(FIRST)
    assert started[-1].stop() == 0, "SIGTERM is the usual way to stop a server: exit code 0."
