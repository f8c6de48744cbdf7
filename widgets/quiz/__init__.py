"""The quizzes: banks of questions as data, sessions in plain Python, and the widget.

`bank` reads and refuses, `grade` compares one answer, `session` remembers, `quiz` shows.
"""
