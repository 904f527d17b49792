class Refused(Exception):
    """It cannot be done: the words say why, and what to do."""
