"""What the check of the translations sees."""

from pathlib import Path

from config.translations import hidden

WRITTEN = """
f"{_('INN')} 7728168971"
_("KPP")
f"{count} {ngettext('day', 'days', count)}"
"""


def test_texts_that_xgettext_would_not_find_are_named(tmp_path: Path) -> None:
    for room in ("treasury", "tests"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "facts.py").write_text(WRITTEN)
    assert list(hidden(tmp_path)) == [
        "in an f-string: treasury/facts.py:2",
        "in an f-string: treasury/facts.py:4",
    ]
