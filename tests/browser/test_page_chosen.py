"""What is chosen is seen, in every image and before other lines; no box hides what it describes."""

from __future__ import annotations

import pytest
from opened import PIXELS, opened, ready

MARKS = """() => [...document.querySelectorAll(".image")].map(place => {
    const image = place.querySelector("canvas").getBoundingClientRect();
    const mark = place.querySelector(".pixel")?.getBoundingClientRect();
    if (!mark) return null;
    const [x, y] = [(mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2];
    return [28 * (x - image.left) / image.width, 28 * (y - image.top) / image.height];
})"""
TILES = (
    f"pixel => {{ {PIXELS}"
    """
    const { netView, theme } = slownet.painter;
    const { canvas, places } = netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    const accent = theme.accent.match(/\\d+/g).map(Number);
    return [...places.tiles.values()].map(({ x, y, size }) => {
        const at = [x + size * (pixel % 28 + 0.5) / 28, y + size * (Math.floor(pixel / 28) + 0.5) / 28];
        const [left, top] = at.map(each => Math.round((each - 6) * sharp));
        let count = 0;
        for (let k = 0; k < (12 * sharp) ** 2; k += 1) {
            const column = left + k % (12 * sharp), row = top + Math.floor(k / (12 * sharp));
            const from = 4 * (row * canvas.width + column);
            count += accent.every((part, c) => Math.abs(all[from + c] - part) < 30);
        }
        return count;
    });
}"""
)
INK = (
    f"() => {{ {PIXELS}"
    """
    const { canvas, edges, places } = slownet.painter.netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    const { chosen } = slownet.player.state;
    const edge = edges.filter(({ weight }) => weight !== chosen?.weight).at(-1);
    const [x, y] = [0.1, 0.15, 0.2].map(share => [
        edge.x0 + share * (edge.x1 - edge.x0), edge.y0 + share * (edge.y1 - edge.y0)])[1];
    const from = 4 * (Math.round(y * sharp) * canvas.width + Math.round(x * sharp));
    return all[from + 3];
}"""
)


@pytest.fixture(scope="module")
def made(browser, pages, digits_run):
    made = opened(browser, pages, digits_run)
    yield made
    made.page.close()


@pytest.fixture
def digits(made):
    yield ready(made)
    made.watched.check()


def test_a_chosen_pixel_is_marked_in_every_image(digits):
    pixel = 28 * 10 + 17
    assert digits.page.evaluate(MARKS) == [None, None, None]
    before = digits.page.evaluate(TILES, pixel)
    digits.page.evaluate("neuron => slownet.player.choose({ neuron })", pixel)
    for x, y in digits.page.evaluate(MARKS):
        assert (int(x), int(y)) == (17, 10)
    marked = digits.page.evaluate(TILES, pixel)
    assert all(now > 15 + then for now, then in zip(marked, before, strict=True))
    weight = digits.page.evaluate("pixel => slownet.net.source.indexOf(pixel + 1)", pixel)
    digits.page.evaluate("weight => slownet.player.choose({ weight })", weight)
    assert [int(x) for x, _ in digits.page.evaluate(MARKS)] == [18, 18, 18]
    digits.page.evaluate("() => slownet.player.choose({ neuron: slownet.net.inputs })")
    assert digits.page.evaluate(MARKS) == [None, None, None]


def test_other_lines_fade_where_one_is_chosen(digits):
    digits.page.evaluate("() => slownet.player.choose(null)")
    before = digits.page.evaluate(INK)
    weight = digits.page.evaluate("() => slownet.painter.netView.edges[0].weight")  # the thinnest
    digits.page.evaluate("weight => slownet.player.choose({ weight })", weight)
    assert 0 < digits.page.evaluate(INK) < 0.6 * before
    drawn = digits.page.evaluate("() => slownet.painter.netView.edges.map(({ weight }) => weight)")
    assert weight in drawn


def test_the_box_beside_the_mouse_hides_nothing_that_it_describes(digits):
    page = digits.page
    tiles, discs = page.evaluate(
        """() => {
            const { canvas, places } = slownet.painter.netView;
            const { left, top } = canvas.getBoundingClientRect();
            return [
                [...places.tiles.values()].map(({ x, y, size }) => [left + x, top + y, size, size]),
                [...places.discs.values()].map(({ x, y, r }) =>
                    [left + x - r, top + y - r, 2 * r, 2 * r]),
            ];
        }"""
    )
    for left, top, width, height in [*tiles, *discs]:
        page.mouse.move(left + width / 2, top + height / 2)
        tip = page.locator("#tip").bounding_box()
        assert tip is not None
        apart = (
            tip["x"] >= left + width
            or tip["x"] + tip["width"] <= left
            or tip["y"] >= top + height
            or tip["y"] + tip["height"] <= top
        )
        assert apart, (left, top, tip)
        assert tip["x"] >= 0
        assert tip["x"] + tip["width"] <= 1280
    page.mouse.move(2, 2)
