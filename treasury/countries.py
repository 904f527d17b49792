"""Countries by the two letters of ISO 3166-1."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

RUSSIA = "RU"
# Those with which Russian companies mostly trade; of the others the letters have to do.
NAMES = {
    "AE": _("United Arab Emirates"), "AM": _("Armenia"), "AR": _("Argentina"),
    "AT": _("Austria"), "AU": _("Australia"), "AZ": _("Azerbaijan"), "BD": _("Bangladesh"),
    "BE": _("Belgium"), "BG": _("Bulgaria"), "BH": _("Bahrain"), "BR": _("Brazil"),
    "BY": _("Belarus"), "CA": _("Canada"), "CH": _("Switzerland"), "CN": _("China"),
    "CY": _("Cyprus"), "CZ": _("Czechia"), "DE": _("Germany"), "DK": _("Denmark"),
    "EE": _("Estonia"), "EG": _("Egypt"), "ES": _("Spain"), "FI": _("Finland"),
    "FR": _("France"), "GB": _("United Kingdom"), "GE": _("Georgia"), "GR": _("Greece"),
    "HK": _("Hong Kong"), "HR": _("Croatia"), "HU": _("Hungary"), "ID": _("Indonesia"),
    "IE": _("Ireland"), "IL": _("Israel"), "IN": _("India"), "IR": _("Iran"), "IT": _("Italy"),
    "JP": _("Japan"), "KG": _("Kyrgyzstan"), "KR": _("South Korea"), "KW": _("Kuwait"),
    "KZ": _("Kazakhstan"), "LI": _("Liechtenstein"), "LT": _("Lithuania"), "LU": _("Luxembourg"),
    "LV": _("Latvia"), "MA": _("Morocco"), "MD": _("Moldova"), "MN": _("Mongolia"),
    "MX": _("Mexico"), "MY": _("Malaysia"), "NL": _("Netherlands"), "NO": _("Norway"),
    "OM": _("Oman"), "PK": _("Pakistan"), "PL": _("Poland"), "PT": _("Portugal"),
    "QA": _("Qatar"), "RO": _("Romania"), "RS": _("Serbia"), RUSSIA: _("Russia"),
    "SA": _("Saudi Arabia"), "SE": _("Sweden"), "SG": _("Singapore"), "SI": _("Slovenia"),
    "SK": _("Slovakia"), "TH": _("Thailand"), "TJ": _("Tajikistan"), "TM": _("Turkmenistan"),
    "TN": _("Tunisia"), "TR": _("Turkey"), "TW": _("Taiwan"), "UA": _("Ukraine"),
    "US": _("United States"), "UZ": _("Uzbekistan"), "VN": _("Vietnam"), "ZA": _("South Africa"),
}  # fmt: skip
# XK is no entry of the standard: banks use it for Kosovo.
_OTHERS = (
    "AD AF AG AI AL AO AQ AS AW AX BA BB BF BI BJ BL BM BN BO BQ BS BT BV BW BZ CC CD CF CG CI CK "
    "CL CM CO CR CU CV CW CX DJ DM DO DZ EC EH ER ET FJ FK FM FO GA GD GF GG GH GI GL GM GN GP GQ "
    "GS GT GU GW GY HM HN HT IM IO IQ IS JE JM JO KE KH KI KM KN KP KY LA LB LC LK LR LS LY MC ME "
    "MF MG MH MK ML MM MO MP MQ MR MS MT MU MV MW MZ NA NC NE NF NG NI NP NR NU NZ PA PE PF PG PH "
    "PM PN PR PS PW PY RE RW SB SC SD SH SJ SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TK TL TO "
    "TT TV TZ UG UM UY VA VC VE VG VI VU WF WS XK YE YT ZM ZW"
)
CODES = frozenset([*NAMES, *_OTHERS.split()])


def choices() -> Iterator[tuple[Any, Any]]:
    """Russia first, then by name as the reader's language sorts them, then by the letters."""
    yield RUSSIA, NAMES[RUSSIA]
    abroad = ((code, str(name)) for code, name in NAMES.items() if code != RUSSIA)
    yield from sorted(abroad, key=lambda country: country[1])
    yield _("Others, by code"), [(code, code) for code in _OTHERS.split()]
