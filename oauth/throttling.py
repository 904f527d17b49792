"""Whose wrong passwords are counted together: called by django-axes."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest

# What axes' column takes.
NAME_LENGTH = 255


def client_address(request: HttpRequest) -> str | None:
    """The address that has called the outermost of our own proxies; what stands before it in the
    header anybody may have written."""
    own_word = request.META.get("REMOTE_ADDR")
    if not settings.TRUSTED_PROXIES:
        return own_word
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(passed) < settings.TRUSTED_PROXIES:
        return own_word
    try:
        return str(ip_address(passed[-settings.TRUSTED_PROXIES].strip()))
    except ValueError:
        return own_word


def typed_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Another spelling is no other person: the database compares e-mails in capitals, in which some
    foreign letters are like ours. In small letters, as one types it to let somebody in again."""
    source = credentials or request.POST
    return (source.get("username") or "").strip().upper().lower()[:NAME_LENGTH]


def forget_failures(request: HttpRequest) -> None:
    """The person has proved who he is; Django tells so of log-ins, not of our own form."""
    reset(username=typed_name(request, None), ip=client_address(request))
