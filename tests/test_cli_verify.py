"""`slownet verify`: its exit codes, and data that a page only names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_texts import leaves, other_than, parts_of, rewritten
from slow import mostly_long

from slownet import NetFactory, cli
from slownet.cli.data_sets import Source, load
from slownet.page import Page
from slownet.samples import Preparation

FLOWERS = "wide,long,kind\n" + "".join(f"{k % 7},{k % 11},{'abc'[k % 3]}\n" for k in range(60))
HOMES = "area,rooms,price\n" + "".join(f"{40 + k},{k % 5},{k * k % 97}\n" for k in range(40))
TRAIN = ("--epochs", "2", "--snapshots", "4", "--quiet")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(data: str, *arguments: str) -> str:
    """The text of `page.html`, the page of a training."""
    Path("page.html").unlink(missing_ok=True)
    assert cli.main(["train", data, *arguments, *TRAIN, "--html", "page.html"]) == 0
    return Path("page.html").read_text("utf-8")


def table(text: str, *arguments: str, name: str = "table.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return trained(name, *arguments)


def verified(capsys: Any, text: str, *arguments: str) -> tuple[int, str, str]:
    """The exit code, the output and the error for a page with this text."""
    Path("page.html").write_text(text, encoding="utf-8", newline="")
    capsys.readouterr()
    code = cli.main(["verify", "page.html", *arguments])
    output, error = capsys.readouterr()
    assert error.count("\n") == (code != 0)
    assert output.startswith("True: ") == (code == 0)
    return code, output, error


@pytest.mark.usefixtures("here")
def test_class_weights_and_clipping_are_repeated(capsys: Any) -> None:
    for options in (("--class-weight", "balanced", "--clip-norm", "0.1"), ("--clip-value", "0.01")):
        options += ("--alpha", "0.1", "--schedule", "exponential", "--warm-up", "0.5")
        text = table(FLOWERS, "--target", "kind", *options)
        assert verified(capsys, text)[0] == 0
    assert '"clip_value":0.01' in text
    assert verified(capsys, text.replace('"clip_value":0.01', '"clip_value":0.02'))[0] == 1


@pytest.mark.usefixtures("here")
def test_exit_codes(capsys: Any) -> None:
    text = trained("xor", "--keep", "none")
    assert verified(capsys, text)[0] == 0
    code, output, error = verified(capsys, text.replace('"ended":"finished"', '"ended":"by NASA"'))
    assert (code, error) == (1, "slownet: page.html is not what its training gives\n")
    assert '- it says training ended is "by NASA", and training gives "finished"' in output
    heading = text.replace("<main>", "<main><h1>100 % accurate</h1>", 1)
    for lie in (heading, heading.replace('"slownet":"', '"slownet":"0.')):
        code, output, error = verified(capsys, lie)
        assert (code, output[:14]) == (3, "Numbers only: ")
        assert (
            error == "slownet: page.html has true numbers in a page that this slownet does not write\n"
        )
        assert "True" not in output
    assert verified(capsys, text.replace('"frames":4', '"frames":4,"frames":4'))[0] == 2
    assert cli.main(["verify", "--help"]) == 0
    described = capsys.readouterr().out
    for code in range(4):
        assert f"\n  {code}  " in described


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kind", mostly_long(["moons", "homes", "mnist", "flowers", "classes"], 2))
def test_every_word_about_the_data_is_compared(kind: str, capsys: Any) -> None:
    """Nothing of the source is only the maker's: it is made again."""
    text = {
        "moons": lambda: trained("moons", "--samples", "50", "--keep", "none"),
        "mnist": lambda: trained("mnist", "--samples", "40"),
        "homes": lambda: table(HOMES, "--target", "price"),
        "flowers": lambda: table(FLOWERS, "--target", "kind"),
        "classes": lambda: table(HOMES, "--target", "rooms", "--classify"),
    }[kind]()
    known, payload = parts_of(text)
    source = known["facts"]["training"]["source"]
    config = known["facts"]["training"]["config"]
    places = [(source, way) for way in leaves(source)] + [
        (config, ("callbacks", 0)),
        (source, ("more",)),
    ]
    for thing, way in places:
        altered = json.loads(json.dumps(known))
        place = altered["facts"]["training"]["source" if thing is source else "config"]
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = other_than(place[way[-1]]) if way != ("more",) else None
        assert verified(capsys, rewritten(text, altered, payload))[0] in (1, 2), way
    assert verified(capsys, text)[0] == 0


def test_data_that_the_page_only_names(here: Path, capsys: Any) -> None:
    text = table(HOMES, "--target", "price")
    (here / "away").mkdir()
    Path("table.csv").rename("away/other.csv")
    code, _, error = verified(capsys, text)
    assert code == 2
    assert "page.html learns from table.csv, which is not there: give it by --data FILE" in error
    code, output, _ = verified(capsys, text, "--data", "away/other.csv")
    assert code == 0
    assert "Its maker calls the data 'table.csv'" in output
    Path("away/other.csv").rename("away/table.csv")
    for name in ("away/table.csv", str(here / "away" / "table.csv")):
        assert "maker calls" not in verified(capsys, text, "--data", name)[1]
    Path("changed.csv").write_text(HOMES.replace("41,", "42,", 1), encoding="utf-8")
    Path("longer.csv").write_text(f"{HOMES}1,2,3\n", encoding="utf-8")
    Path("other.csv").write_text(FLOWERS, encoding="utf-8")
    other = "these are not the data of the page: X has the fingerprint (SHA-256)"
    for name, message in {
        "changed.csv": f"changed.csv: {other}",
        "longer.csv": f"longer.csv: {other}",
        "other.csv": "other.csv",
        "none.csv": "none.csv: No such file",
        "away": "away: Is a directory",
    }.items():
        code, output, error = verified(capsys, text, "--data", name)
        assert (code, output) == (2, ""), name
        assert message in error
        assert str(here) not in error
    # the file beside the page, if it is another
    Path("changed.csv").rename("table.csv")
    code, _, error = verified(capsys, text)
    assert code == 2
    assert error.startswith("slownet: table.csv: these are not the data of the page")
    code, output, _ = verified(capsys, text, "--data", "away/table.csv")
    assert code == 0


@pytest.mark.usefixtures("here")
def test_data_sets_of_slownet_need_no_file(capsys: Any) -> None:
    text = trained("xor")
    code, _, error = verified(capsys, text, "--data", "xor.csv")
    assert (code, error) == (
        2,
        "slownet: page.html was trained with xor, which comes with slownet: leave --data out\n",
    )


@pytest.mark.usefixtures("here")
def test_a_table_with_the_name_of_a_data_set(capsys: Any) -> None:
    Path("moons").write_text(HOMES, encoding="utf-8")
    text = trained("./moons", "--target", "price")
    assert Page.open("page.html").training["source"]["data"] == "moons"
    assert verified(capsys, text)[0] == 0
    assert verified(capsys, text, "--data", "moons")[0] == 0


def test_a_page_names_a_file_beside_it_only(here: Path, capsys: Any) -> None:
    """A page from a stranger does not choose what is read."""
    text = table(HOMES, "--target", "price")
    (here / "away").mkdir()
    Path("table.csv").rename("away/table.csv")
    known, payload = parts_of(text)
    for path in ("away/table.csv", str(here / "away" / "table.csv"), "../../../etc/passwd"):
        known["facts"]["training"]["source"]["data"] = path
        code, _, error = verified(capsys, rewritten(text, known, payload))
        assert code == 2
        assert f"page.html learns from {Path(path).name}, which is not there" in error


@pytest.mark.usefixtures("here")
def test_names_from_a_page_do_not_reach_the_terminal_as_they_are(capsys: Any) -> None:
    known, payload = parts_of(table(HOMES, "--target", "price"))
    text = Path("page.html").read_text("utf-8")
    known["facts"]["training"]["source"]["data"] = "red\x1b[31m\u202eü.csv"
    code, output, error = verified(capsys, rewritten(text, known, payload))
    assert code == 2
    assert r"learns from red\x1b[31m\u202eü.csv, which is not there" in error
    code, output, error = verified(capsys, rewritten(text, known, payload), "--data", "table.csv")
    assert code == 0
    assert r"Its maker calls the data 'red\x1b[31m\u202eü.csv'" in output


@pytest.mark.usefixtures("here")
def test_the_preparation_is_what_the_table_gives(capsys: Any) -> None:
    """A net that learned with other scales is another one, whatever its page says of them."""
    text = table(HOMES, "--target", "price")
    assert verified(capsys, text)[0] == 0
    known, payload = parts_of(text)
    plain = known["facts"]["preparation"]
    for part in (plain["columns"][0], plain["targets"][0]):
        for name in ("centre", "scale", "name"):
            kept = part[name]
            part[name] = other_than(kept)
            assert verified(capsys, rewritten(text, known, payload))[0] in (1, 2), name
            part[name] = kept
    own = load(Source("table.csv", target="price"))
    kept = own.preparation
    assert kept is not None
    other = Preparation([replace(kept.columns[0], scale=2.0), kept.columns[1]], kept.targets)
    net = NetFactory([2, 16, 1], "relu", "linear", seed=0).new()
    config = Page.open("page.html").training["config"]
    options = {name: config[name] for name in ("epochs", "batch_size", "learning_rate", "snapshots")}
    options |= {"optimizer": "adam", "schedule": "cosine", "watch": own.watched()}
    history = net.fit(
        *own.train,
        prepare=other,
        **options,
        validation_data=own.validated,
        test_data=own.test,
        source=Source("table.csv", target="price").plain(own),
        progress=False,
    )
    history.write_html("other.html")
    found = verified(capsys, Path("other.html").read_text("utf-8"))
    assert found[0] == 2, found
    assert "table.csv: these are not the data of the page" in found[2]
