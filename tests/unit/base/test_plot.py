"""A figure can be listened to."""

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from matplotlib.figure import Figure

from widgets.base.plot import Plot, describe_figures


def figure() -> Figure:
    made = Figure(figsize=(1, 1))
    axes = made.subplots()
    axes.set_title("In July 9 % are said & 31 % are late", loc="left")
    axes.set_ylabel("late flights [%]")
    return made


def test_a_plot_shows_its_words_where_a_picture_cannot_be_seen():
    html = Plot(figure(), 'late: "31 %"')._repr_html_()
    assert html.startswith('<img alt="late: &quot;31 %&quot;" src="data:image/png;base64,')


def test_a_figure_of_the_learners_is_described_by_its_title_and_its_axes():
    shell = InteractiveShell()
    describe_figures(shell)
    select_figure_formats(shell, {"png"})  # as the first plot of a notebook does
    data, _ = shell.display_formatter.format(figure())
    words = "Plot. In July 9 % are said &amp; 31 % are late. y: late flights [%]"
    assert data["text/html"].startswith(f'<img alt="{words}" src="data:image/png;base64,')
