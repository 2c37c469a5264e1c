"""A page in the browser, and what it must not do."""

from __future__ import annotations

PATIENCE = 300_000  # milliseconds; they end a test that would hang, and no other
FRAMES = """count => new Promise(done => {
    const next = () => { count -= 1; if (count < 0) done(); else requestAnimationFrame(next); };
    next();
})"""

FOLLOWED = """hash => new Promise(done => {
    if (new URL(hash, location).href === location.href) { done(); return; }
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = hash;
})"""

HEARD = """selector => {
    const part = document.querySelector(selector);
    window.heard = new Promise(done => part.addEventListener("toggle", () => done(), { once: true }));
}"""  # a browser tells of it later than of a click


def let_paint(page, count=20):
    """Wait for so many animation frames: whatever moves has moved then."""
    page.evaluate(FRAMES, count)


def follow(page, address):
    """Go to another address on the page; when this returns, the page has heard of it."""
    page.evaluate(FOLLOWED, address)  # the page's own listener was there first


def unfold(page, selector):
    """Press the summary of a part that unfolds; when this returns, the page has heard of it."""
    page.evaluate(HEARD, selector)
    page.click(f"{selector} > summary")
    page.evaluate("() => window.heard")


class Watched:
    """A page, and everything that it must not do: requests, console messages, errors, dialogs."""

    def __init__(self, page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
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

    def play(self, path, moment=""):
        """Open a page at a moment, and wait until it can be used."""
        self.page.goto(path.as_uri() + moment)
        self.page.wait_for_function("() => window.slownet")
        return self.page

    def check(self) -> None:
        """Fail if the page did any of it."""
        outside = [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert not outside
        assert len([url for url in self.requests if url.startswith("file:")]) == 1
        assert not self.messages, self.messages
        assert not self.dialogs
