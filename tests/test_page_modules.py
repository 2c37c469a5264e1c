"""The modules of the page as one script, each in a scope of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from javascript import deno

import slownet
from slownet.page.modules import asset, script_of
from slownet.page.page import STYLES, style

MODULES = {
    "main.js": 'import { two as deux,\n  Pair } from "./parts/pair.js";\n'
    'import { one } from "./one.js";\n'
    "const secret = 3;\nexport function sum() {\n  return one + deux() + secret + new Pair().both;\n}\n",
    "one.js": "const secret = 1;\nexport const one = secret;\n",
    "parts/pair.js": 'import { one } from "../one.js";\nconst secret = 20;\n'
    "export function two() {\n  return secret + one;\n}\nexport class Pair {\n  both = 300;\n}\n"
    "export async function later() {}\nexport function* steps() {\n  yield one;\n}\n",
}


def test_names_are_seen_where_they_are_imported(tmp_path: Path) -> None:
    script = script_of("main.js", read=MODULES.__getitem__)
    assert script.count('modules["one.js"] = ') == 1
    show = 'console.log(modules["main.js"].sum(), typeof secret, Object.keys(modules["parts/pair.js"]))'
    (tmp_path / "run.js").write_text(f"{script}\n{show}", encoding="utf-8")
    assert deno(tmp_path / "run.js") == '325 undefined [ "two", "Pair", "later", "steps" ]\n'


def test_types_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    modules = {
        "a.js": "/**\n * Of a module.\n * @typedef {object} A\n */\n\n"
        "/** A function. @param {number} x */\nexport function twice(x) {\n"
        "  const y = /** @type {any} */ (x); // kept\n"
        '  const text = "/** kept */";\n  return [y + y, text];\n}\n',
        "b.js": 'import { twice } from "./a.js";\n'
        "/** @type {string} */\nexport const lines = `first\n  second ${twice(1)[1]}`;\n",
    }
    script = script_of("b.js", read=modules.__getitem__)
    assert "@" not in script
    show = 'console.log(modules["b.js"].lines, modules["a.js"].twice(4))'
    (tmp_path / "run.js").write_text(f"{script}\n{show}", encoding="utf-8")
    assert deno(tmp_path / "run.js") == 'first\n  second /** kept */ [ 8, "/** kept */" ]\n'
    page = script_of("page.js")
    assert "@param" not in page
    assert "@type" not in page


@pytest.mark.parametrize(
    ("modules", "wrong"),
    [
        ({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}, "a.js imp"),
        ({"a.js": 'import * as b from "./b.js";\n'}, "is no import or export"),
        ({"a.js": "export default 3;\n"}, "is no import or export"),
        ({"a.js": "const a = 1;\nexport { a };\n"}, "is no import or export"),
    ],
)
def test_other_forms_are_refused(modules: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        script_of("a.js", read=modules.__getitem__)


def test_modules_of_others_are_taken_as_they_are(tmp_path: Path) -> None:
    modules = {
        "a.js": 'import { size, make } from "./vendor/b.mjs";\nexport const both = [size, make()];\n',
        "vendor/b.mjs": "const t=3;  /** @type {x} */ let u=()=>t;export{t as size,u as make};\n",
    }
    script = script_of("a.js", read=modules.__getitem__)
    assert "const t=3;  /** @type {x} */ let u=()=>t;" in script
    (tmp_path / "run.js").write_text(f'{script}\nconsole.log(modules["a.js"].both)', encoding="utf-8")
    assert deno(tmp_path / "run.js") == "[ 3, 3 ]\n"
    for text in ("const t = 3;", 'import "c";export{t as size};', "export default 3;export{t as b};"):
        with pytest.raises(ValueError, match="must import nothing"):
            script_of("a.js", read={**modules, "vendor/b.mjs": text}.__getitem__)


ALONE = (  # not in the script: they start it, or stand in notebooks
    *("loader.js", "notebook/widget.js"),
    "../../explain/trace_window.js",
)


def test_every_module_is_in_the_page() -> None:
    parts = ("digest", "editing", "loops", "stepping", "training", "worker")
    script = script_of("page.js", "fed.js", "curves.js", *(f"engine/{part}.js" for part in parts))
    package = Path(slownet.__file__).parent
    paths = [*package.rglob("*.js")]
    assert package / "translation/python.js" in paths
    for path in paths:
        name = Path(os.path.relpath(path, package / "page/assets")).as_posix()
        assert name in ALONE or f'modules["{name}"] = ' in script
        assert asset(name) == path.read_text(encoding="utf-8")


def test_old_browsers_can_read_what_speaks_to_them() -> None:
    """The loader has no words that were new in 2015 or later, and no comma before a parenthesis."""
    text = re.sub(r"//.*|/\*.*?\*/", "", asset("loader.js"))
    assert re.search(r"=>|`|\?\.|\?\?|\b(?:const|let|class|async|await)\b|,\s*\)", text) is None


def test_every_style_sheet_is_in_the_page() -> None:
    folder = Path(slownet.__file__).parent / "page/assets/style"
    assert sorted(STYLES) == sorted(path.stem for path in folder.iterdir())
    for name in STYLES:
        assert (folder / f"{name}.css").read_text(encoding="utf-8") in style()


@pytest.mark.parametrize("layout", ["columns", "plane"])
def test_a_layout_is_described_for_itself(layout: str) -> None:
    """Nothing overrides it elsewhere, and it overrides nothing of the other."""
    own = asset(f"style/layout_{layout}.css")
    top = re.findall(r"^[^\s/*}].*", own, re.MULTILINE)
    assert top == [f'[data-layout="{layout}"] {{']
    assert "!important" not in own
    others = [asset(f"style/{name}.css") for name in STYLES if not name.startswith("layout_")]
    assert not any("data-layout" in other for other in others)


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    """Scripts and styles of the page itself, images and workers that it makes; no address at all."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', asset("page.html"))
    assert policy is not None
    assert dict(each.split(maxsplit=1) for each in policy[1].split("; ")) == {
        "default-src": "'none'",
        "script-src": "'unsafe-inline'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
