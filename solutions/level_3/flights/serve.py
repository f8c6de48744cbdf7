"""The model server: HTTP in, probabilities out. One process, one model, always a good one."""

import argparse
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pandas as pd
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from flights.counters import Counters
from flights.features import CATEGORICAL, build_features
from flights.limits import protect
from flights.loader import Served
from flights.predictions import Entry, PredictionLog
from flights.process import run_alone
from flights.router import ChampionRouter, Share
from flights.schema import Answer, Flight, Prediction, Question, Readiness
from flights.settings import Settings, read_settings, resolve


def make_app(settings: Settings) -> FastAPI:
    """Return the server's application for one project."""
    counters = Counters()
    make_router = resolve(settings.seams.get("router") or "flights.router.ChampionRouter")
    router: ChampionRouter = make_router(settings, counters)
    log = PredictionLog(settings)

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        router.start()
        yield
        router.stop()
        log.close()

    # No pages: FastAPI's would load their scripts from elsewhere. /openapi.json describes it all.
    app = FastAPI(
        title="Will this flight arrive late?", lifespan=live, docs_url=None, redoc_url=None
    )
    protect(app)

    @app.middleware("http")
    async def count(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        begun = time.perf_counter()
        response = await answer(request)
        route = request.scope.get("route")
        path = route.path if route else "unknown"  # not what was asked: that may be anything
        counters.seconds.labels(path).observe(time.perf_counter() - begun)
        counters.requests.labels(path, str(response.status_code)).inc()
        return response

    # `async`, though nothing in it waits: one request after the other. In threads they would only
    # fight for the interpreter, for a prediction is nothing but computing.
    @app.post("/predict")
    async def predict(question: Question) -> Answer:
        """Say how probable it is that each flight arrives more than 15 minutes late."""
        flights = question.flights
        shares = router.route([flight.flight_id for flight in flights])
        if not shares:
            raise HTTPException(503, router.readiness().problem or "no model is loaded yet")
        features = features_of(flights)
        entries = answer_shares(flights, features, shares)
        for share in shares:
            count_unseen(share.served, features.iloc[list(share.places)], counters)
        return Answer(predictions=write_down(entries, log, counters))

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answer at all: whoever gets no answer starts the process anew."""
        return {"status": "alive"}

    @app.get("/ready", response_model=None)  # as much as this router says of itself
    async def ready(response: Response) -> Readiness:
        """Say whether requests can be answered, and by which version."""
        readiness = router.readiness()
        if not readiness.ready:
            response.status_code = 503
        return readiness

    @app.get("/metrics")
    async def metrics() -> Response:
        """Show the counters, as Prometheus reads them."""
        return Response(generate_latest(counters.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def features_of(flights: Sequence[Flight]) -> pd.DataFrame:
    """Return the model's view of what was asked: the same function as in training makes it."""
    frame = pd.DataFrame([flight.model_dump() for flight in flights])
    frame["scheduled_at"] = pd.to_datetime(frame["scheduled_at"], utc=True)
    return build_features(frame)


def answer_shares(
    flights: Sequence[Flight], features: pd.DataFrame, shares: Sequence[Share]
) -> list[Entry]:
    """Return each flight's prediction, in the order of the flights."""
    probability = np.full(len(flights), np.nan)
    version = np.zeros(len(flights), dtype=int)
    for share in shares:
        places = list(share.places)
        probability[places], version[places] = share.served.answer(features.iloc[places])
    together = zip(flights, version.tolist(), probability.tolist(), strict=True)
    return [Entry(flight, number, p) for flight, number, p in together]


def count_unseen(served: Served, features: pd.DataFrame, counters: Counters) -> None:
    """Count the values that the model has never met: it answers as if they were nothing."""
    for column in CATEGORICAL:
        known = served.known[column]
        if unseen := sum(value not in known for value in features[column]):
            counters.unseen.labels(column).inc(unseen)


def write_down(
    entries: Sequence[Entry], log: PredictionLog, counters: Counters
) -> list[Prediction]:
    """Log the predictions, count them, and return them as answers.

    A log that cannot be written is counted, and no reason to leave a passenger without an answer.
    """
    try:
        told = log.add(entries)
    except sqlite3.Error:
        counters.log_errors.inc(len(entries))
        told = [("", False)] * len(entries)
    for entry in entries:
        counters.predictions.labels(entry.version).inc()
        counters.probability.labels(entry.version).inc(entry.probability)
    return [
        Prediction(
            flight_id=entry.flight.flight_id,
            prediction_id=prediction_id,
            probability=entry.probability,
            version=entry.version,
            repeated=repeated,
        )
        for entry, (prediction_id, repeated) in zip(entries, told, strict=True)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until somebody stops it; return 0, or 1 if a server is running already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="else a free one")
    words = parser.parse_args(argv)
    settings = read_settings()
    return run_alone(make_app, settings, words.port)


if __name__ == "__main__":
    raise SystemExit(main())
