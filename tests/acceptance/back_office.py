"""The back office as a browser without scripts uses it: pages, their forms, their buttons."""

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

PATH = "/admin/treasury/paymentrequest"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SECONDS = 30
Fields = dict[str, Any]
# Its name, and what is in it.
Document = tuple[str, bytes]


class BackOffice:
    """One person, signed in."""

    def __init__(self, base: str, cookies: dict[str, str]) -> None:
        self._base = base
        self._http = requests.Session()
        self._http.cookies.update(cookies)

    def close(self) -> None:
        self._http.close()

    def create(self, fields: Fields, documents: Iterable[Document]) -> int:
        """Fill in the form, attach these documents and save; the new request's key."""
        files = [("documents", document) for document in documents]
        answer = self._send(f"{PATH}/add/", "request_form", {**fields, "_save": ""}, files)
        return int(answer.removesuffix("/change/").rpartition("/")[2])

    def change(self, request: int, **fields: Any) -> None:
        """Open the form as it is now, change these fields in it and save."""
        self._send(f"{PATH}/{request}/change/?edit", "request_form", {**fields, "_save": ""})

    def submit(self, request: int) -> None:
        self._send(f"{PATH}/{request}/change/", "request_form", {"_submit": ""})

    def press(self, request: int, action: str, **fields: Any) -> None:
        """Press a button of the request's page, such as withdraw or cancel."""
        self._send(f"{PATH}/{request}/change/", f"{PATH}/{request}/do/{action}/", fields)

    def _send(self, path: str, mark: str, fields: Fields, files: Any = None) -> str:
        """Complete the form of a page that has this id or address; where it leads then."""
        page = self._http.get(self._base + path, timeout=SECONDS)
        page.raise_for_status()
        form = _form(page.text, mark)
        target = urljoin(page.url, form.attributes.get("action") or page.url)
        data = form.values | fields
        answer = self._http.post(
            target, data=data, files=files, timeout=SECONDS, allow_redirects=False
        )
        answer.raise_for_status()
        assert answer.is_redirect, f"{path} was not accepted: {_errors(answer.text)}"
        return answer.headers["Location"]


class Form:
    def __init__(self, attributes: dict[str, str]) -> None:
        self.attributes = attributes
        self.values: dict[str, str] = {}


def _form(page: str, mark: str) -> Form:
    reader = _Reader()
    reader.feed(page)
    found = [form for form in reader.forms if mark in form.attributes.values()]
    assert found, f"no form {mark} among {[form.attributes for form in reader.forms]}"
    return found[0]


def _errors(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    return " ".join(reader.errors)


class _Reader(HTMLParser):
    """The forms of a page with what their fields hold, and what the page complains of."""

    def __init__(self) -> None:
        super().__init__()
        self.forms = [Form({})]
        self.errors: list[str] = []
        self._select = self._textarea = ""
        self._complains = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        values = self.forms[-1].values
        match tag:
            case "form":
                self.forms.append(Form(given))
            case "input" if given.get("type") not in ("file", "submit", "checkbox", "radio"):
                values[name] = given.get("value", "")
            case "select":
                self._select = name
            case "option" if "selected" in given:
                values[self._select] = given.get("value", "")
            case "textarea":
                self._textarea, values[name] = name, ""
            case "ul":
                self._complains = "errorlist" in given.get("class", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            values = self.forms[-1].values
            values[self._textarea] = values[self._textarea].removeprefix("\n")
            self._textarea = ""
        if tag == "ul":
            self._complains = False

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].values[self._textarea] += data
        elif self._complains:
            self.errors.append(data.strip())
