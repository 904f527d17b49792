"""One file of the database and the documents, and the way back from it.

`making` and `restoring` are what the commands call; beneath them are the `archive`, its
`encryption`, and what each engine does for it.
"""
