"""The player's modules one by one, in the browser: each test imports what it asks something of."""

from __future__ import annotations

from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "slownet" / "plotting" / "player" / "assets"
PLACE = "http://assets.test"  # nowhere: modules of file:// pages may not import each other
PAGE = '<!DOCTYPE html><meta charset="utf-8"><title>modules</title><link rel="icon" href="data:,">'


class Modules:
    """An empty page that imports the modules as they are on disk."""

    def __init__(self, page) -> None:
        self.page, self.problems = page, []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text))
        page.route("**/*", self._answer)
        page.goto(f"{PLACE}/")

    def _answer(self, route) -> None:
        name = route.request.url.removeprefix(f"{PLACE}/")
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif (ASSETS / name).is_file():
            route.fulfill(path=ASSETS / name, content_type="text/javascript")
        else:
            self.problems.append(f"there is no {route.request.url}")
            route.abort()

    def __call__(self, name: str, code: str, *given):
        """Return what the JavaScript function `code` says of a module: `(module, ...given) => ...`."""
        ask = f"async ([name, given]) => ({code})(await import('/' + name), ...given)"
        return self.page.evaluate(ask, [name, given])


@pytest.fixture
def modules(browser):
    page = browser.new_page()
    page.set_default_timeout(15_000)
    modules = Modules(page)
    yield modules
    page.close()
    assert not modules.problems
