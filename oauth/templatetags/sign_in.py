"""Which ways of signing in a page may offer."""

from django import template

from oauth import google

register = template.Library()


@register.simple_tag
def google_is_configured() -> bool:
    return google.is_configured()
