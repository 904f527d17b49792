"""The history of what directories hold."""

from django import template

from treasury.admin import history

register = template.Library()
register.filter("lines", history.lines)
