"""Who may call the webhook: Telegram, by where it calls from and by all that it was told."""

import logging
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from oauth.throttling import client_address
from telegrambot.redaction import HEADER, authorization

# Of its lines a minute's first is written, see `config.logs`: strangers call often.
logger = logging.getLogger(__name__)

CHALLENGE = 'Basic realm="webhook"'
# What the doctor knows the refusal by.
ELSEWHERE = "Not one of TELEGRAM_SUBNETS."


class IsInSubnets(BasePermission):
    message = ELSEWHERE

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not settings.TELEGRAM_SUBNETS or _is_inside(request._request):
            return True
        logger.warning(
            "refused: %s is in none of TELEGRAM_SUBNETS", client_address(request._request)
        )
        return False


class KnowsLogin(BasePermission):
    """That of the webhook's address, if it has one."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        given = request.headers.get("Authorization", "")
        if (wanted := authorization()) and not constant_time_compare(given, wanted):
            raise NotAuthenticated
        return True


class KnowsSecret(BasePermission):
    """Without a secret nobody can prove to be Telegram, so nobody is let in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        secret = settings.TELEGRAM_WEBHOOK_SECRET
        return bool(secret) and constant_time_compare(request.headers.get(HEADER, ""), secret)


def _is_inside(request: HttpRequest) -> bool:
    try:
        address = ip_address(client_address(request) or "")
    except ValueError:
        # By a socket in the file system, and no proxy has said whose call it is.
        return False
    # So a socket for both versions names a caller of version 4.
    inner = address.ipv4_mapped if address.version == 6 else None
    return any((inner or address) in subnet for subnet in settings.TELEGRAM_SUBNETS)
