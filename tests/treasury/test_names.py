"""Names in Russian sentences."""

import pytest
from django.utils import translation

from treasury.names import accusative


@pytest.mark.parametrize(
    ("name", "declined"),
    [
        ("Б. Орлов", "Б. Орлова"),
        ("В. Лебедева", "В. Лебедеву"),
        ("Г. Воробьёв", "Г. Воробьёва"),
        ("И. Никитин", "И. Никитина"),
        ("О. Птицына", "О. Птицыну"),
        ("П. Чайковский", "П. Чайковского"),
        ("А. Троицкая", "А. Троицкую"),
        ("Т. Шевченко", "Т. Шевченко"),
        ("С. Черных", "С. Черных"),
        ("T. Berg", "T. Berg"),
    ],
)
def test_a_surname_is_declined_in_russian_and_only_there(name: str, declined: str) -> None:
    with translation.override("ru"):
        assert accusative(name) == declined
    with translation.override("en"):
        assert accusative(name) == name
