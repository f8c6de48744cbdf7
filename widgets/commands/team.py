"""The command `assess`: where a project of one's own stands."""

import argparse
import sys

from widgets.base.text_bar import TextBar
from widgets.commands.answer import Answer
from widgets.kit import Kit
from widgets.project.answers import read_answers
from widgets.project.assess import Asked
from widgets.project.keep import keep_report
from widgets.project.report import read_report
from widgets.project.written import as_json, as_text


def assess(kit: Kit, words: argparse.Namespace) -> Answer:
    """Look at a project of one's own: read only, nothing of it is run, nothing is sent."""
    since = read_report(words.since) if words.since else None
    asked = Asked(
        words.repo,
        tracking_uri=words.tracking_uri,
        serving_url=words.serving_url,
        exports=words.exports,
        answers=read_answers(words.answers),
        experiment=words.experiment,
        model=words.model,
        serving_token_file=words.serving_token_file,
    )
    with TextBar(sys.stderr, shown=not words.json) as bar:
        report = kit.assess_project(asked, lambda what, done, of: bar.show(done, max(of, 1), what))
    lines = as_text(report, since)
    for file in (words.html, words.md):
        if file:
            lines += keep_report(file, report, since)
    return Answer(lines, as_json(report))
