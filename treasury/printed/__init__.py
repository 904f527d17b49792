"""A request on paper: `content` is what the form says, and `paper` how it is laid out."""

from treasury.printed.content import Form


def pdf(form: Form) -> bytes:
    """The printed form, the same bytes for equal ones."""
    # With it 9 MB of libraries are loaded, which a process that prints nothing does without.
    from treasury.printed import paper

    return paper.pdf(form)
