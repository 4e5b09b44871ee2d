"""The documentation names only files, links, commands and options that exist."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from wallpaint.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(r"(?<![\w/.])((?:[a-z_]+/)+[a-z_]+\.py)\b")


def id_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def headings(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def commands(page: Path) -> list[list[str]]:
    """The words after `wallpaint` in each command of a page's code blocks and code spans."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\n    --", " --").splitlines()
    spans = re.findall(r"`(wallpaint [^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    found = [re.search(r"(?:^|&& )wallpaint (.*)", line) for line in lines] + [
        re.match(r"wallpaint (.*)", span) for span in spans
    ]
    return [_words(match[1]) for match in found if match]


def _words(command: str) -> list[str]:
    words = shlex.split(re.split(r" {3,}", command)[0], comments=True)  # an explanation follows after a gap
    return [word for word in words if word != "…"]


@cache
def command_line() -> Any:
    return typer.main.get_command(app)


def unknown_part(words: list[str]) -> str | None:
    """The first word that is no command, or the first option that the command lacks."""
    command, rest = command_line(), list(words)
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return rest[0] if rest else None
        command = command.commands[rest.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return next((word for word in rest if word.startswith("--") and word not in known), None)


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_commands_and_their_options_exist(page):
    methods = {"closed", "albedo", "bounce"}  # "wallpaint albedo" is a method of RepaintBench
    for words in commands(page):
        if words[0] not in methods or len(words) > 2:
            assert unknown_part(words) is None, " ".join(words)


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_files_exist(page):
    for name in FILE.findall(page.read_text(encoding="utf-8")):
        places = [ROOT / name, *(ROOT / "src/wallpaint").rglob(name)]
        assert any(place.exists() for place in places), name


def test_a_command_that_does_not_exist_is_found():
    assert unknown_part(["paint", "room.jpg", "--colour", "red"]) == "--colour"
    assert unknown_part(["rooms", "paint"]) == "paint"
    assert unknown_part(["rooms", "render", "--out", "rooms"]) is None
