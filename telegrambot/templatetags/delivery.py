"""What the page of a request in the back office says about its messages."""

from typing import Any

from django import template

from telegrambot import in_words
from telegrambot.kinds import registry
from telegrambot.models import SentMessage
from treasury.models import PaymentRequest

register = template.Library()
register.filter("to_come", in_words.to_come)


@register.inclusion_tag("admin/treasury/paymentrequest/delivery.html", takes_context=True)
def delivery(context: dict[str, Any], request: PaymentRequest) -> dict[str, Any]:
    """The messages about a request and how far each is; for those who look after the channel."""
    if not context["user"].has_perm("telegrambot.view_sentmessage"):
        return {"allowed": False}
    messages = SentMessage.objects.filter(request=request).select_related("chat").order_by("id")
    return {"allowed": True, "sent_messages": messages}


@register.filter
def kind(message: SentMessage) -> str:
    """What the message is for."""
    return registry.label(message)
