"""A bar in a terminal: lines pass above it, and nothing of it is left; elsewhere only lines."""

import io

from widgets.base import text_bar
from widgets.base.text_bar import CLEAR, TextBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_lines_pass_above_the_bar_and_it_goes_away(monkeypatch):
    monkeypatch.setattr(text_bar, "REDRAW", 0.0)
    screen = Terminal()
    with TextBar(screen) as bar:
        bar.say("begun")
        bar.show(1, 2, "1 April")
        bar.say("an alert")
    drawn = f"[{'#' * 12}{'.' * 12}] 1 April"
    assert screen.getvalue() == f"{CLEAR}begun\n{CLEAR}{drawn}{CLEAR}an alert\n{drawn}{CLEAR}"


def test_it_is_not_drawn_more_often_than_anybody_can_see():
    screen = Terminal()
    with TextBar(screen) as bar:
        for number in range(1000):
            bar.show(number, 1000, "")
    assert screen.getvalue().count("[") < 10


def test_where_nobody_looks_on_there_are_only_lines_or_nothing():
    file, silent = io.StringIO(), Terminal()
    for stream, shown in ((file, True), (silent, False)):
        with TextBar(stream, shown) as bar:
            bar.say("an alert")
            bar.show(1, 2, "1 April")
    assert (file.getvalue(), silent.getvalue()) == ("an alert\n", "")
