"""Your own project: an honest level by evidence, for a repository and a tracking server of a team.

Everything here reads; nothing of the project is run, and nothing is sent anywhere.
"""
