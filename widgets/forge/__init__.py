"""The stand-in for GitHub: a bare origin whose hooks run the CI of every push."""
