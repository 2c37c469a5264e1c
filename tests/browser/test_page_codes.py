"""QR codes of the link to what is shown."""

from __future__ import annotations

import pytest
from codes import read_codes
from training import training

ADDRESS = "https://example.org/class/10b/page.html"


@pytest.fixture(scope="module")
def moons(browser, pages, moons_run):
    path = pages(moons_run, keep="all")
    with training(browser, path, "#step=12&stop=right", color_scheme="dark") as page:
        yield page.open_panel()


@pytest.mark.long
def test_a_file_has_a_code_when_it_says_where_it_is_published(moons):
    page = moons.page
    page.click("#show-qr")
    assert page.locator("#qr .qr-code").count() == 0
    assert "Where is it published?" in page.inner_text("#qr .hint")
    for address in ("learning.html", "file:///a.html", "http://localhost:8000/a.html", "javascript:1"):
        page.fill("#qr-published", address)
        assert page.locator("#qr .qr-code").count() == 0, address
    page.fill("#qr-published", f"{ADDRESS}#step=3")
    link = page.inner_text("#qr .qr-link")
    assert link == f"{ADDRESS}#step=12&digit=0&stop=right"
    assert read_codes(page) == [link]
    page.click("#close-qr")
    assert page.evaluate("() => slownet.player.publishing.link()") == link


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("letters", "is_dense"), [(20, False), (900, True), (2700, True)])
def test_long_links_have_codes_and_longer_ones_are_refused(moons, letters, is_dense, scheme):
    page = moons.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.click("#show-qr")
    page.fill("#qr-published", f"https://example.org/{'x' * letters}")
    assert read_codes(page) == [page.inner_text("#qr .qr-link")]
    assert ("needs a good camera" in page.inner_text("#qr .hint")) == is_dense
    page.fill("#qr-published", f"https://example.org/{'x' * 2950}")
    assert page.locator("#qr .qr-code").count() == 0
    assert "a QR code holds 2\u202f953 at most" in page.inner_text("#qr .hint")
    page.click("#close-qr")
