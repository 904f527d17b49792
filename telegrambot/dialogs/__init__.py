"""What the bot asks a person, one thing after the other, and what comes of the answers.

A dialog is one module, built of `questions`, `people` and `days`; `registry` lists them all, and
`engine` runs them without knowing any by name.
"""
