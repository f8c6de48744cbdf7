"""Writes down what it meets at each `now`, and raises an alert every second midnight."""

import json
import sys

from flights.place import WORKSPACE, append, read, trap


def live(now):
    heard = read("heard.jsonl")
    if heard and now <= heard[-1]["now"]:
        return []
    asked = {each["flight_id"] for each in read("predictions.jsonl")}
    clock = json.loads((WORKSPACE / ".kit" / "clock.json").read_text())["today"]
    append("heard.jsonl", {"now": now, "asked": len(asked), "clock": clock})
    events = []
    if now[11:13] == "04" and int(now[8:10]) % 2:
        events = [
            {"kind": "alert", "step": "fired", "id": f"loss-{clock}", "cause": "0.129 > 0.05"},
            {"kind": "deploy", "step": "moved", "version": 2},
            {"kind": "canary", "step": "promoted", "version": 2, "cause": "better on 3 days"},
        ]
    for event in events:
        append("events.jsonl", event | {"event_time": now})
    return events


print("the loop begins", file=sys.stderr, flush=True)
for line in sys.stdin:
    now = json.loads(line)["now"]
    trap("loop", now)
    events = live(now)
    trap("loop after", now)
    print(json.dumps({"now": now, "events": events}), flush=True)
