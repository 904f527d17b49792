"""Names in Russian sentences."""

from django.utils.translation import get_language

# The ending of a surname → in the accusative. Surnames of other shapes stay as they are: whether
# they are declined depends on what a name does not tell.
ACCUSATIVE = {
    "ская": "скую", "цкая": "цкую", "ский": "ского", "цкий": "цкого",
    "ова": "ову", "ева": "еву", "ёва": "ёву", "ина": "ину", "ына": "ыну",
    "ов": "ова", "ев": "ева", "ёв": "ёва", "ин": "ина", "ын": "ына",
}  # fmt: skip


def accusative(name: str) -> str:
    """«Б. Орлов» as in «за Б. Орлова»; unchanged where the language is not Russian."""
    if (get_language() or "").startswith("ru"):
        for ending, declined in ACCUSATIVE.items():
            if name.endswith(ending):
                return name.removesuffix(ending) + declined
    return name
