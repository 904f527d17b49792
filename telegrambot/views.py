"""The webhook. Rules: https://core.telegram.org/bots/api#setwebhook"""

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from telegrambot.callers import CHALLENGE, IsInSubnets, KnowsLogin, KnowsSecret
from telegrambot.delivery.answers import LARGEST_UPDATE
from telegrambot.incoming import inbox, probe
from telegrambot.incoming.replies import Answer
from telegrambot.outage import UNAVAILABLE

logger = logging.getLogger(__name__)

# Seconds; Telegram keeps to the header.
RETRY_AFTER = 5


class Webhook(APIView):
    """Takes one update in. What sending again would not help is answered 200."""

    authentication_classes = ()
    permission_classes = (IsInSubnets, KnowsLogin, KnowsSecret)

    def get_authenticate_header(self, request: Request | HttpRequest) -> str:
        return CHALLENGE

    def post(self, request: Request) -> HttpResponse:
        # Without a length, or with a wrong one, Django reads nothing.
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > LARGEST_UPDATE:
            # It stays unread, so the server closes the connection then.
            logger.error("too large for an update: %s bytes", length)
            return JsonResponse({})
        try:
            payload = _read(request._request.body)
            if probed := probe.answer_to(payload):
                return JsonResponse(probed)
            reply = inbox.receive(payload)
        except inbox.NotAnUpdate:
            logger.warning("not an update: %d bytes", len(request._request.body))
            return JsonResponse({})
        except inbox.NotNow as exc:
            # Telegram keeps it for a day, and brings it again.
            logger.warning("nothing is taken in: %s", exc)
            return _later()
        except UNAVAILABLE:
            logger.exception("the database is not available")
            return _later()
        return _answer(reply)


def _later() -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    # Too deep to read, or to walk through: nothing that Telegram sends.
    except (ValueError, RecursionError) as exc:
        raise inbox.NotAnUpdate from exc


def _answer(answer: Answer | None) -> JsonResponse:
    return JsonResponse(answer.as_body() if answer else {})
