"""Who looks at the pages of tests.town in a browser: a page for each reader, logged in, in one language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.axe import SOURCE
from tests.storm.servers import cookies
from tests.town import Seen, Town


@dataclass
class Tour:
    """A served town, what there is to be seen in it, and the cookies of its readers."""

    browser: Browser
    base: str
    pages: list[Seen]
    cookie: dict[str, str]

    @contextmanager
    def readers(self, locale: str, width: int, **more: object) -> Iterator["Readers"]:
        """Everybody's page in this language, at this width; closed at the end."""
        readers = Readers(self, locale, width, more)
        try:
            yield readers
        finally:
            for page in readers.open.values():
                page.context.close()


@dataclass
class Readers:
    tour: Tour
    locale: str
    width: int
    more: dict[str, object]
    open: dict[str, Page] = field(default_factory=dict)

    def page_of(self, who: str) -> Page:
        if who not in self.open:
            context = self.tour.browser.new_context(
                viewport={"width": self.width, "height": 844},
                locale=self.locale,
                base_url=self.tour.base,
                reduced_motion="reduce",
                **self.more,  # type: ignore[arg-type]
            )
            context.set_default_timeout(30_000)
            if who in self.tour.cookie:
                name, value = self.tour.cookie[who].split("=", 1)
                context.add_cookies([{"name": name, "value": value, "url": self.tour.base}])
            context.add_init_script(SOURCE)  # past the pages' policy, which lets no script in
            self.open[who] = context.new_page()
        return self.open[who]

    def walk(self) -> Iterator[tuple[Seen, Page]]:
        """Each page there is, open before its reader."""
        for seen in self.tour.pages:
            page = self.page_of(seen.who)
            page.goto(seen.url)
            yield seen, page


def cookies_of(app: Flask, town: Town) -> dict[str, str]:
    known = {who: member for who, member in town.people.items() if member is not None}
    return dict(zip(known, cookies(app, list(known.values())), strict=True))
