"""The quizzes: banks of questions as data, sessions in plain Python, and the widget.

`questions` and `bank` read and refuse, `grade` compares one answer, `session` remembers,
`quiz` shows.
"""
