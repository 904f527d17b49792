"""One bot, written with each of the libraries that know nothing of the sandbox.

It greets with a button, says what was pressed, sends a document and an album, answers an inline
query, edits the result that somebody pressed, and tells what it was refused.
"""
