"""Days as people say them, put into digits: «завтра», «в пятницу», «5 декабря», “May 3rd”."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.utils.translation import gettext as _

from telegrambot.dialogs.questions import Unclear

_MONTHS = (
    r"янв\w*|jan\w*", r"фев\w*|feb\w*", r"мар\w*|mar\w*", r"апр\w*|apr\w*", r"ма[йяе]|may",
    r"июн\w*|june?", r"июл\w*|july?", r"авг\w*|aug\w*", r"сен\w*|sep\w*", r"окт\w*|oct\w*",
    r"ноя\w*|nov\w*", r"дек\w*|dec\w*",
)  # fmt: skip
# From Monday on.
_WEEKDAYS = (
    r"понедельник\w*|пн|monday|mon", r"вторник\w*|вт|tuesday|tue", r"сред\w{1,2}|ср|wednesday|wed",
    r"четверг\w*|чт|thursday|thu", r"пятниц\w*|пт|friday|fri", r"суббот\w*|сб|saturday|sat",
    r"воскресень\w*|вс|sunday|sun",
)  # fmt: skip
_NEAR = {
    "сегодня": 0, "today": 0, "завтра": 1, "tomorrow": 1, "послезавтра": 2,
    "day after tomorrow": 2, "вчера": -1, "yesterday": -1, "позавчера": -2,
    "day before yesterday": -2,
}  # fmt: skip
# «через 3 дня», “in a week”: how many, and of what.
_COUNTS = {
    "": 1, "a": 1, "one": 1, "одну": 1, "один": 1, "две": 2, "два": 2, "two": 2, "три": 3,
    "three": 3,
}  # fmt: skip
_AHEAD = re.compile(
    r"(?<!\w)(?:через|in)\s+(?:(?P<count>[0-9]{1,3}|\w+)\s+)?"
    r"(?:(?P<days>дн\w+|день|days?)|(?:недел[юиь]|weeks?))(?!\w)"
)
_YEAR = r"(?:,?\s+([0-9]{4}|[0-9]{2})(?![0-9.]))?"
_NUMBER = r"([0-9]{1,2})(?:-?(?:го|st|nd|rd|th))?"


def in_digits(text: str, today: date) -> str:
    """What names a day is «5.12» then, or «4.12.2026»; the rest stays. Raises `Unclear` for a day
    of the week that may be one of two."""
    said = _AHEAD.sub(_counted(today), " ".join(text.casefold().split()))
    for number, month in enumerate(_MONTHS, start=1):
        name = rf"(?:{month})\.?(?!\w)"
        said = re.sub(rf"(?<!\w){_NUMBER}\s+(?:of\s+)?{name}{_YEAR}", _dated(number), said)
        said = re.sub(rf"(?<!\w){name}\s+{_NUMBER}(?![0-9.]){_YEAR}", _dated(number), said)
    # The longer before what it ends with.
    for words in sorted(_NEAR, key=len, reverse=True):
        day = today + timedelta(days=_NEAR[words])
        said = re.sub(rf"(?<!\w)(?:the )?{words}(?!\w)", f"{day:%d.%m.%Y}", said)
    return _without_weekdays(said, today)


def _counted(today: date) -> Callable[[re.Match[str]], str]:
    """So many days or weeks on; «через день» may as well be every other day, and stays."""

    def counted(found: re.Match[str]) -> str:
        said = found["count"] or ""
        count = int(said) if said.isdecimal() else _COUNTS.get(said)
        if count is None or (found["days"] and not said):
            return found[0]
        day = today + (timedelta(days=count) if found["days"] else timedelta(weeks=count))
        return f"{day:%d.%m.%Y}"

    return counted


def _dated(month: int) -> Callable[[re.Match[str]], str]:
    """Of a number and perhaps a year."""
    return lambda found: ".".join(filter(None, (found[1], str(month), found[2])))


def _without_weekdays(said: str, today: date) -> str:
    """The next such day; the second of two comes after the first."""
    last = today

    def named(found: re.Match[str]) -> str:
        nonlocal last
        number = next(n for n, names in enumerate(_WEEKDAYS) if re.fullmatch(names, found["day"]))
        near = last + timedelta(days=(number - last.weekday()) % 7)
        if near == today or found["next"]:
            further = near + timedelta(weeks=1)
            raise Unclear(
                _("“%(day)s” may be %(near)s or %(further)s: send which.")
                % {"day": found[0], "near": f"{near:%d.%m}", "further": f"{further:%d.%m}"}
            )
        last = near
        return f"{near:%d.%m.%Y}"

    before = r"(?:(?:во?|on)\s+)?(?:(?:эт\w+|this|ближайш\w+)\s+)?"
    further = r"(?P<next>(?:следующ\w+|next)\s+)?"
    days = "|".join(_WEEKDAYS)
    return re.sub(rf"(?<!\w){before}{further}(?P<day>{days})(?!\w)", named, said)
