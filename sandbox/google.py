"""Google's stand-in: OpenID Connect by oidc-provider-mock, behind a page like Google's chooser.

Run it with ``python -m sandbox.google``. ``PUT /users/<sub>`` with claims as JSON adds an account;
an address typed on the page is an account too, confirmed by the typing alone.
"""

import argparse
import logging
import os
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
import oidc_provider_mock
from flask.typing import ResponseReturnValue

AUTHORIZE = "oidc-provider-mock.authorize"
RUSSIAN = {
    "Choose an account": "Выберите аккаунт",
    "to continue to {site}": "чтобы перейти на {site}",
    "Another account": "Другой аккаунт",
    "Next": "Далее",
    "Cancel": "Отмена",
    "not confirmed": "не подтверждён",
    "Sign-in with Google": "Вход через Google",
    "A stand-in for this machine alone: no password is asked.": (
        "Замена Google только для этой машины: пароль не спрашивается."
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox.google", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9400)
    options = parser.parse_args()
    # Loopback has no TLS, on which the library insists otherwise.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    # Each line would hold a whole address: state, code and all.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    make_app().run(options.host, options.port, debug=False)


def make_app() -> flask.Flask:
    """The provider, its templates replaced by those of this folder."""
    app = flask.Flask(__name__)
    oidc_provider_mock.init_app(app, require_nonce=True)
    app.before_request(_refuse)
    app.before_request(_add_typed_account)
    app.context_processor(_page)
    return app


def _refuse() -> ResponseReturnValue | None:
    """The package's own refusal forgets the state, which Google sends back."""
    request = flask.request
    if request.endpoint != AUTHORIZE or request.form.get("action") != "deny":
        return None
    answer = {"error": "access_denied", "state": request.args.get("state", "")}
    return flask.redirect(f"{request.args['redirect_uri']}?{urlencode(answer)}")


def _add_typed_account() -> None:
    address = flask.request.form.get("sub", "")
    if flask.request.endpoint == AUTHORIZE and "@" in address and address not in _accounts():
        domain = address.rpartition("@")[2]
        claims = {"email": address, "name": address, "email_verified": True, "hd": domain}
        _accounts()[address] = oidc_provider_mock.User(sub=address, claims=claims)


def _accounts() -> dict[str, Any]:
    # The package lets nobody list them.
    accounts: dict[str, Any] = flask.g.oidc_provider_mock_storage._users
    return accounts


def _page() -> dict[str, Any]:
    """What every template may use."""
    language = flask.request.accept_languages.best_match(["ru", "en"], "en")

    def t(text: str) -> str:
        return RUSSIAN[text] if language == "ru" else text

    site = urlsplit(flask.request.args.get("redirect_uri", "")).netloc
    return {"accounts": _accounts().values(), "language": language, "site": site, "t": t}


if __name__ == "__main__":
    main()
