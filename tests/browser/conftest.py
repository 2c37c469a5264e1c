"""A headless browser for the tests of what is written as HTML."""

from __future__ import annotations

import os
import shutil

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _executable() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser():
    executable = _executable()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _do_without("playwright is not installed: pip install slownet[test]")
    if executable is None:
        _do_without(f"found none of {', '.join(NAMES)}: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _do_without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Watched:
    """A page, and everything that it must not do: requests, console messages, errors, dialogs."""

    def __init__(self, page) -> None:
        self.page = page
        self.requests, self.messages, self.dialogs = [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".main-svg")
        return self.page

    def check(self) -> None:
        """Fail if the page did any of it."""
        outside = [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert not outside
        assert len([url for url in self.requests if url.startswith("file:")]) == 1
        assert not self.messages
        assert not self.dialogs


@pytest.fixture
def watched(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(15_000)
    pages = Watched(page)
    yield pages
    page.close()
    pages.check()
