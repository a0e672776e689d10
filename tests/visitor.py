"""A person with a browser, as far as a test needs one: opens pages, finds forms by their address, sends them."""

from contextvars import Context
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mobilizer.accounts import entry, passwords, queries

PASSWORD = "correct horse"


class Visitor:
    def __init__(self, client: FlaskClient, *, htmx: bool = False, language: str = "en") -> None:
        self.client = client
        self.htmx = htmx
        self.headers = {
            "Accept-Language": "zh-CN" if language == "zh_CN" else language,
            "Sec-Fetch-Site": "same-origin",
        }
        self._response: TestResponse | None = None
        self._page: BeautifulSoup | None = None
        self._led_to = ""

    @property
    def response(self) -> TestResponse:
        """The last answer. Whoever has only just come in has not looked at the page yet that they were led to."""
        if self._response is None and self._led_to:
            self.open(self._led_to)
        assert self._response is not None, "nothing was asked yet"
        return self._response

    @property
    def page(self) -> BeautifulSoup:
        """The last answer, read when it is looked at: most that only lead on are not."""
        response = self.response
        if self._page is None:
            self._page = BeautifulSoup(response.get_data(), "html.parser")
        return self._page

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The words of the last answer, white space folded."""
        return " ".join(self.page.get_text(" ").split())

    def send(self, method: str, url: str, **how: Any) -> TestResponse:
        """One request in a context of its own: nothing of the test's own application context leaks into it."""
        return Context().run(self.client.open, url, method=method, buffered=True, **how)

    def open(self, url: str, **headers: str) -> "Visitor":
        """GET, following redirects."""
        self._took(self.send("GET", url, headers=self.headers | headers, follow_redirects=True))
        return self

    def form(self, action: str) -> Tag:
        """The form on the page that is sent to this path."""
        for form in self.page.find_all("form"):
            if urlsplit(str(form.get("action"))).path == action:
                return form
        raise AssertionError(
            f"no form to {action} on the page; there are {[f.get('action') for f in self.page.find_all('form')]}"
        )

    def offers(self, action: str) -> bool:
        """Whether the page has a form that is sent to this path."""
        return any(urlsplit(str(f.get("action"))).path == action for f in self.page.find_all("form"))

    def filled(self, form: Tag) -> dict[str, Any]:
        """What the form would send as it stands."""
        data: dict[str, Any] = {}
        for control in form.find_all(["input", "textarea", "select"]):
            name = control.get("name")
            if not name or control.get("type") in ("submit", "file"):
                continue
            if control.get("type") in ("checkbox", "radio"):
                if control.has_attr("checked"):
                    data.setdefault(str(name), []).append(control.get("value", "on"))
            elif control.name == "textarea":
                data[str(name)] = control.get_text()
            elif control.name == "select":
                chosen = [
                    o.get("value", o.get_text()) for o in control.find_all("option") if o.has_attr("selected")
                ]
                first = control.find("option")
                if not chosen and first is not None and not control.has_attr("multiple"):
                    chosen = [first.get("value", first.get_text())]
                data[str(name)] = chosen
            elif name in data:  # several hidden fields of one name: all of them are sent
                before = data[str(name)]
                data[str(name)] = [
                    *(before if isinstance(before, list) else [before]),
                    control.get("value", ""),
                ]
            else:
                data[str(name)] = control.get("value", "")
        return data

    def submit(self, action: str, **fields: Any) -> "Visitor":
        """Fill the fields into the form to `action` and send it, by htmx where the form says so, and follow."""
        form = self.form(action)
        data = self.filled(form) | fields
        headers = dict(self.headers)
        if self.htmx and form.has_attr("hx-post"):
            assert form["hx-post"] == form["action"]
            headers["HX-Request"] = "true"
        self._took(self.send("POST", str(form["action"]), data=data, headers=headers))
        while self.status == 303 or "HX-Redirect" in self.response.headers:
            self.open(self.response.headers.get("HX-Redirect") or self.response.headers["Location"])
        return self

    def log_in(self, phone: str, password: str = PASSWORD) -> "Visitor":
        return self.open("/log-in").submit("/log-in", phone=phone, password=password)

    def come_in(self, phone: str) -> "Visitor":
        """As log_in(), past the two pages and the form, which most tests say nothing of; by the form where it would
        not let them in."""
        headers = Context().run(self._entered, phone)
        if not headers:
            return self.log_in(phone)
        for cookie in headers:
            for morsel in SimpleCookie(cookie).values():
                self.client.set_cookie(morsel.key, morsel.value)
        return self

    def _entered(self, phone: str) -> list[str]:
        """The cookies of a new log-in; none where the password is another."""
        app = self.client.application
        with app.test_request_context("/log-in", method="POST", headers=self.headers):
            known = queries.credentials(phone)
            if known is None or not passwords.matches(PASSWORD, known.password_hash):
                return []
            answer = app.process_response(entry.entered(known.member_id, None, kept=False))
            self._led_to = str(answer.location)
            return answer.headers.getlist("Set-Cookie")

    def _took(self, response: TestResponse) -> None:
        self._response, self._page = response, None
        assert response.status_code < 500, self.text
