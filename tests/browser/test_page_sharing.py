"""Experiments go from page to page, and to Python, to the last bit."""

from __future__ import annotations

from html import escape

import pytest
from trained_pages import bits
from watching import PATIENCE, Watched, follow

import slownet
from slownet import FormatError, NetFactory, datasets, verify
from slownet.page.reading import Page

TITLE = "Two \"moons\" & <b>its</b> 'net'\u00a0</title>"
NUMBERS = """() => {
    const { told } = slownet.player.course;
    return [told.step, [...told.weights], [...told.biases], location.hash];
}"""


@pytest.fixture(scope="module")
def history():
    X, y = datasets.moons(80, 0.1, 0)
    net = NetFactory([2, 5, 4, 1], hidden_activation="tanh", seed=2).new()
    options = {"optimizer": "adam", "epochs": 15, "batch_size": 10, "learning_rate": 0.03}
    return net.fit(X, y, snapshots=4, watch=(X, y), progress=False, **options)


@pytest.fixture(scope="module")
def path(history, tmp_path_factory):
    return history.write_html(tmp_path_factory.mktemp("shared") / "two moons.html", title=TITLE)


@pytest.fixture
def tabs(browser):
    """Open pages in tabs of one window, which may copy; nothing else may go wrong in any of them."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    watched = []

    def tab(path, address=""):
        page = context.new_page()
        watched.append(Watched(page))
        watched[-1].play(path, address)
        page.evaluate("async () => { await slownet.opened; slownet.player.tour.end(); }")
        return page

    yield tab
    context.close()
    for each in watched:
        each.requests = list(dict.fromkeys(each.requests))  # it may be opened again
        each.check()


def moved(page, address):
    """Go to another address on the page, and wait until it is there."""
    follow(page, address)
    page.wait_for_function("() => !slownet.player.isOnTheWay")


def same(page, net):
    """Whether a page shows this net, to the last bit."""
    _, weights, biases, _ = page.evaluate(NUMBERS)
    inputs = len(net.inputs)
    own = [neuron.bias for neuron in net.neurons()][inputs:]
    return bits(weights) == bits([each.value for each in net.weights()]) and bits(
        biases[inputs:]
    ) == bits(own)


def go_on(page, steps):
    """Take steps with the mouse."""
    step = page.evaluate("() => slownet.state().step")
    for each in range(step + 1, step + steps + 1):
        page.click("#next")
        page.wait_for_function(
            "step => slownet.state().step === step && !slownet.player.course.isBusy", arg=each
        )


def changed(page):
    """Change something with the mouse, at steps 40 and 60."""
    moved(page, "#step=40")
    page.click("#experiment > summary")
    page.get_by_label("add a neuron to layer 1").click()
    page.wait_for_function("() => slownet.net.layers[1].neurons.length === 6")
    page.get_by_label("learning rate", exact=True).select_option("0.01")
    go_on(page, 20)
    page.get_by_label("optimizer", exact=True).select_option("rmsprop")
    go_on(page, 3)


@pytest.mark.long
def test_a_copied_link_shows_the_same_bits_elsewhere(tabs, path):
    page = tabs(path)
    changed(page)
    page.select_option("#colours", "gradient")
    page.evaluate("() => slownet.player.choose({ weight: 11 })")
    page.click("#copy-link")
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('Copied')")
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.url
    text = "40_add_1~40_rate_0.01~60_optimizer_rmsprop"
    assert link.endswith(f"#e={text}&step=63&digit=0&colours=gradient&weight=11")
    other = tabs(path, link[link.index("#") :])
    assert other.evaluate(NUMBERS) == page.evaluate(NUMBERS)
    assert other.evaluate("() => slownet.state().chosen") == {"weight": 11}
    assert other.text_content("#changes") == "3 changes"
    net = slownet.replay(path, link)
    assert same(other, net)
    assert not same(other, slownet.replay(path, text, step=62))
    # the changes can be taken back one by one, and another address leads elsewhere and back
    other.click("#experiment > summary")
    other.click("#undo")
    other.wait_for_function("() => slownet.player.course.told.edits === 2")
    assert same(other, slownet.replay(path, "40_add_1~40_rate_0.01", step=63))
    moved(other, "#e=0_seed_9&step=5")
    assert same(other, slownet.replay(path, "0_seed_9", step=5))
    moved(other, "#e=7_unlayer_2")  # to the end
    assert same(other, slownet.replay(path, "7_unlayer_2"))
    moved(other, "#e=150_rate_0.01~170_add_1")  # to the last change, behind the end
    assert other.evaluate("() => slownet.state().step") == 170
    assert same(other, slownet.replay(path, "150_rate_0.01~170_add_1"))
    moved(other, link[link.index("#") :])
    assert same(other, net)


BAD = [
    ("#e=120_bla&step=50", "This address names no experiment: edit 1, '120_bla'"),
    ("#e=9_rate_0.1~5_rate_0.2", "in the order of their steps"),
    ("#e=5_rate_<img src=x onerror=alert(1)>&step=3", "expected a number above 0"),
    ("#e=5_remove_1_99&step=30", "there is no neuron 1.99"),
    ("#e=5_layer_0_257_tanh", "from 1 to 256"),
    (f"#e={'~'.join(['1_rate_0.1'] * 1001)}", "at most 1\u202f000 edits"),
    (f"#e=0_digit_0_{'A' * 200_000}", "at most 100\u202f000 characters"),
    ("#e=__proto__~constructor&step=toString", "begins with a step"),
]


@pytest.mark.long
def test_an_address_that_is_no_experiment_says_so(tabs, path):
    page = tabs(path, BAD[0][0])
    assert page.evaluate("() => slownet.state().step") == 50
    for address, reason in BAD:
        moved(page, address)
        assert reason in page.inner_text("#problem"), address[:100]
        assert page.locator("img").count() == 0
        page.wait_for_function("() => location.hash.startsWith('#step=')")  # of what is shown
    for _ in range(2):
        follow(page, "#theme=dark")
        page.wait_for_function("() => location.hash.startsWith('#theme=dark&step=')")
    page.click("#experiment > summary")
    moved(page, BAD[0][0])
    page.keyboard.press("Home")
    page.wait_for_function("() => slownet.state().step === 0")
    page.get_by_label("learning rate", exact=True).select_option("0.1")
    page.wait_for_function("() => location.hash.startsWith('#e=0_rate_0.1')")
    assert page.locator("#problem").is_hidden()


@pytest.mark.long
def test_the_lines_of_python_give_the_same_net(tabs, path, monkeypatch):
    page = tabs(
        path, "#e=40_add_1~60_set_0.1_1.5_-1e-7~60_bias_3.0_-0~70_layer_1_3_relu~75_l2_0.1&step=90"
    )
    page.click("#experiment > summary")
    page.click("#show-python")
    assert page.locator("#python").is_visible()
    page.click("#copy-python")
    page.get_by_text("Copied.", exact=True).wait_for()
    lines = page.evaluate("() => navigator.clipboard.readText()")
    assert lines == page.text_content("#python-lines")
    assert '"two moons.html"' in lines
    monkeypatch.chdir(path.parent)
    scope = {}
    exec(lines, scope)
    assert same(page, scope["net"])
    page.keyboard.press("Escape")
    assert page.locator("#python").is_hidden()


def saved(page, button):
    """Click a button, and return the name and the text of the file that it saves."""
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, download.value.path()


@pytest.mark.long
def test_a_saved_net_is_read_by_python(tabs, path, tmp_path):
    address = "#e=40_add_1~60_cut_0.1_1.2~70_freeze_0.0_1.3&step=90"
    page = tabs(path, address)
    page.click("#experiment > summary")
    name, file = saved(page, "#save-net")
    assert name == "net.json"
    assert str(path.parent) not in file.read_text(encoding="utf-8")
    net, wanted = slownet.load(file), slownet.replay(path, address)
    assert same(page, net)
    state, other = net.optimizer_state, wanted.optimizer_state
    assert state.step == other.step == 90
    things = [[*each.weights(), *each.neurons()] for each in (net, wanted)]
    for mine, its in zip(*things, strict=True):
        known = other.memory.get(its, (0.0, 0.0))
        assert bits(state.memory.get(mine, (0.0, 0.0))) == bits(known)
        assert getattr(mine, "frozen", False) == getattr(its, "frozen", False)
    assert net.predict([[0.1, 0.2]]) == wanted.predict([[0.1, 0.2]])


@pytest.mark.long
def test_a_page_is_saved_with_the_experiment_in_it(tabs, path, tmp_path):
    page = tabs(path, "#e=40_add_1~60_rate_0.01&step=90&neuron=8")
    page.click("#experiment > summary")
    name, file = saved(page, "#save-page")
    assert name == "two moons-step-90.html"
    written = file.read_bytes()
    address = b"e=40_add_1~60_rate_0.01&step=90&digit=0&neuron=8"
    place = b'id="experiment-text">'
    assert written == path.read_bytes().replace(place, place + address)
    copy = tmp_path / name
    copy.write_bytes(written)
    net = slownet.replay(path, "40_add_1~60_rate_0.01", step=90)
    # the page opens with it; its own address is short, and leads back from other ones
    other = tabs(copy)
    assert same(other, net)
    assert other.url.endswith("#step=90&digit=0&neuron=8")
    assert other.text_content("#changes") == "2 changes"
    moved(other, "#e=&step=7")
    assert "#e=&step=7&digit=0" in other.url
    assert same(other, slownet.replay(copy, "", step=7))
    moved(other, "#step=91")
    assert same(other, slownet.replay(copy, "#step=91"))
    # Python reads it, too
    same_net = slownet.replay(copy)
    assert bits([each.value for each in same_net.weights()]) == bits(
        [each.value for each in net.weights()]
    )
    assert slownet.replay(copy, step=3).layers[1].neurons.keys() == set(range(5))
    found = verify(copy, watch=datasets.moons(80, 0.1, 0), data=datasets.moons(80, 0.1, 0))
    assert found
    assert "the experiment that it opens with" in str(found)
    # and saved again without changes it is the first page
    moved(other, "#e=&step=120")
    other.click("#experiment > summary")
    other.click("#show-python")
    assert '.html", "", step=120)' in other.text_content("#python-lines")
    other.keyboard.press("Escape")
    _, again = saved(other, "#save-page")
    assert Page.open(again).experiment == "step=120&digit=0&neuron=7"


HOSTILE = [
    "e=5_bla&step=3",
    "e=5_rate_0.1~3_rate_0.2",
    "e=%3Cimg%3E",
    "e=5_rate_'0.1'",
    "e=" + "1_rate_0.1~" * 20_000,
]


@pytest.mark.long
def test_a_page_with_a_hostile_experiment_is_refused(tabs, path, tmp_path):
    place = 'id="experiment-text">'
    for hostile in HOSTILE:
        copy = tmp_path / "hostile.html"
        text = path.read_text(encoding="utf-8").replace(place, place + hostile)
        copy.write_text(text, encoding="utf-8")
        with pytest.raises(FormatError):
            slownet.replay(copy)
    page = tabs(copy)
    assert "names no experiment" in page.inner_text("#problem")


@pytest.mark.long
def test_what_is_too_long_for_a_link_is_saved_as_a_page(tabs, tmp_path, digits_run):
    path = digits_run.write_html(tmp_path / "digits.html")
    page = tabs(path)
    page.evaluate(
        """() => {
            const { player } = slownet;
            const pixels = new Float64Array(784).map(() => Math.round(255 * Math.random()) / 255);
            for (let digit = 0; digit < 10; digit += 1) {
                player.draw(pixels);
                player.teach(digit);
            }
            player.pause();
        }"""
    )
    page.wait_for_function(
        "() => slownet.player.course.told.edits === 10 && !slownet.player.course.isBusy"
    )
    page.click("#experiment > summary")
    page.click("#copy-link")
    assert "save it as a page" in page.inner_text("#said")
    assert page.evaluate("() => document.activeElement.id") == "save-page"
    _, file = saved(page, "#save-page")
    copy = tmp_path / "copy.html"
    copy.write_bytes(file.read_bytes())
    assert len(Page.open(copy).experiment) > 8000
    other = tabs(copy)
    assert other.evaluate(NUMBERS)[:3] == page.evaluate(NUMBERS)[:3]
    assert same(other, slownet.replay(copy))


@pytest.mark.long
def test_in_a_frame_without_an_address(browser, path, tmp_path):
    """As in a notebook: nothing can be copied there, so the link is shown, and selected."""
    text = escape(path.read_text(encoding="utf-8"))
    sandbox = "allow-scripts allow-downloads"
    frame = f'<iframe srcdoc="{text}" sandbox="{sandbox}" width=1200 height=900></iframe>'
    outer = tmp_path / "outer.html"
    outer.write_text(f'<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">{frame}')
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)
    page.goto(outer.as_uri())
    inner = page.frames[-1]
    inner.wait_for_function("() => window.slownet")
    inner.evaluate("() => slownet.opened")
    inner.evaluate("() => { slownet.player.change('rate', 0.01); }")
    inner.wait_for_function("() => slownet.player.course.told.edits === 1")
    inner.click("#experiment > summary")
    inner.click("#copy-link")
    inner.wait_for_selector("#link:not([hidden])")
    link = inner.input_value("#link")
    assert link == "#e=120_rate_0.01&step=120&digit=0"
    assert "slownet.replay takes it" in inner.inner_text("#said")
    assert inner.evaluate("() => getSelection().toString() || document.activeElement.id") in (
        link,
        "link",
    )
    with page.expect_download() as download:
        inner.click("#save-net")
    assert slownet.load(download.value.path()).layers[1].neurons.keys() == set(range(5))
    with page.expect_download() as download:
        inner.click("#save-page")
    assert download.value.suggested_filename == "page-step-120.html"
    place = b'id="experiment-text">'
    address = link[1:].encode()
    assert download.value.path().read_bytes() == path.read_bytes().replace(place, place + address)
    page.close()
    watched.messages = [each for each in watched.messages if "clipboard" not in each.lower()]
    watched.check()


@pytest.mark.long
def test_a_training_that_goes_on_from_a_snapshot_is_shared(tabs, tmp_path, history):
    path = history.write_html(tmp_path / "some.html", keep=20)
    assert Page.open(path).facts["frames"]
    start = Page.open(path).training["steps"][-2]
    page = tabs(path, f"#step={start}")
    page.click("#experiment > summary")
    page.click("#train-from")
    page.wait_for_function("() => slownet.player.course.canTrain")
    page.get_by_label("add a neuron to layer 1").click()
    page.wait_for_function("() => slownet.net.layers[1].neurons.length === 6")
    go_on(page, 3)
    assert f"#from={start}&e={start}_add_1&step={start + 3}" in page.url
    assert same(page, slownet.replay(path, page.url))
    page.click("#show-python")
    assert f'"from={start}&e={start}_add_1"' in page.text_content("#python-lines")
    other = tabs(path, page.url[page.url.index("#") :])
    assert other.evaluate(NUMBERS)[:3] == page.evaluate(NUMBERS)[:3]
    with pytest.raises(slownet.SlownetError, match="snapshot"):
        slownet.replay(history, page.url)
    # an address without it is one of the snapshots again
    other.evaluate("() => { location.hash = '#step=0'; }")
    other.wait_for_function("() => window.slownet && !slownet.player.course.canTrain")
    assert other.evaluate("() => slownet.state().step") == 0
