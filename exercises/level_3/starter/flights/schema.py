"""What a client may ask, and what it is answered: the types hold every request against them."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MOST = 1000  # flights in one request

Airline = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
Airport = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def _measured(low: float, high: float) -> object:
    return Field(default=None, ge=low, le=high, allow_inf_nan=False)


class Flight(BaseModel):
    """A flight as it is known at its scheduled departure; weather may be missing.

    An airline or an airport that the model has never seen is no mistake of the client's: it is
    answered, and counted as unseen.
    """

    model_config = ConfigDict(extra="forbid")  # who sends dep_delay believes that we use it

    flight_id: Annotated[int, Field(ge=0, lt=2**63)]
    scheduled_at: AwareDatetime
    carrier: Airline
    origin: Airport
    dest: Airport
    distance: Annotated[float, Field(ge=1, le=10_000)]
    temp: Annotated[float | None, _measured(-60, 130)]
    dewp: Annotated[float | None, _measured(-60, 100)]
    humid: Annotated[float | None, _measured(0, 100)]
    wind_speed: Annotated[float | None, _measured(0, 200)]
    wind_gust: Annotated[float | None, _measured(0, 250)]
    precip: Annotated[float | None, _measured(0, 20)]
    pressure: Annotated[float | None, _measured(870, 1085)]
    visib: Annotated[float | None, _measured(0, 10)]


class Question(BaseModel):
    """One request: one flight or many."""

    model_config = ConfigDict(extra="forbid")

    flights: Annotated[list[Flight], Field(min_length=1, max_length=MOST)]


class Prediction(BaseModel):
    """The answer for one flight.

    Attributes
    ----------
    flight_id : int
        The client's own.
    prediction_id : str
        Ours: under it the prediction stands in the log.
    probability : float
        How probable it is that the flight arrives late.
    version : int
        Which version of the model said so.
    repeated : bool
        Whether this flight was asked about before.
    """

    flight_id: int
    prediction_id: str
    probability: float
    version: int
    repeated: bool


class Answer(BaseModel):
    """The answer to one request, in the order of its flights."""

    predictions: list[Prediction]


class Readiness(BaseModel):
    """Whether the server can answer, and with what.

    Attributes
    ----------
    ready : bool
        Whether a model serves.
    version, wanted : int or None
        Which version answers, and which one the alias champion points to.
    since : str
        Since when it answers (UTC).
    problem : str
        What is wrong, in a sentence; or nothing.
    """

    ready: bool
    version: int | None
    wanted: int | None
    since: str
    problem: str
