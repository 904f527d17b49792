"""What a browser's session knows of a link: nobody is logged in by it."""

from django.http import HttpRequest

from oauth.models import UserToken

SIGNED_IN_BY = "signed_in_by"


def remember(request: HttpRequest, link: UserToken) -> None:
    """From now on this browser alone sees the link's code."""
    request.session.pop("link", None)
    # A session that somebody has planted in this browser must not show him the code.
    request.session.cycle_key()
    request.session[SIGNED_IN_BY] = link.pk


def signed_in_by(request: HttpRequest) -> UserToken | None:
    """The link by which the person of this browser has signed in last."""
    pk: int = request.session.get(SIGNED_IN_BY, 0)
    links = UserToken.objects.filter(kind=UserToken.Kind.LINK, employee__isnull=False)
    return links.select_related("employee").filter(pk=pk).first()


def ticket(request: HttpRequest) -> str:
    """For which link a sign-in is, in a form of ours or on the way back from Google."""
    if request.method == "POST":
        return request.POST.get("link", "")
    comes_from_google = hasattr(request, "social_strategy")
    return request.session.get("link") or "" if comes_from_google else ""
