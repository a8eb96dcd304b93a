"""What the documents say is so: pages, links, settings, commands, exit codes, dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from huying.cli.exits import Exit
from huying.cli.parser import find_commands
from huying.config import Config, setting_name
from huying.domain.facts import FACTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LANGUAGES = ("en", "zh")
PAGES = sorted(path.name for path in (DOCS / "en").glob("*.md"))
EVERY_PAGE = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISIONS = sorted(path for path in (DOCS / "decisions").glob("[0-9]*.md"))


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", path.read_text("utf-8"))


def read(lang: str, page: str) -> str:
    return (DOCS / lang / page).read_text("utf-8")


def test_both_languages_have_the_same_pages() -> None:
    assert sorted(path.name for path in (DOCS / "zh").glob("*.md")) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_headings_and_examples(page: str) -> None:
    levels = [HEADING.findall(prose(DOCS / lang / page)) for lang in LANGUAGES]
    assert [len(each) for each in levels[0]] == [len(each) for each in levels[1]]
    fences = [len(FENCE.findall(read(lang, page))) for lang in LANGUAGES]
    assert fences[0] == fences[1]


def test_the_index_leads_to_every_page() -> None:
    for lang in LANGUAGES:
        links = set(LINK.findall(read(lang, "index.md")))
        assert {page for page in PAGES if page != "index.md"} <= links, lang


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        if "://" in link or link.startswith(("#", "mailto:")):
            continue
        assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("lang", LANGUAGES)
def test_operations_names_every_setting_command_and_exit_code(lang: str) -> None:
    page = read(lang, "operations.md")
    settings = [setting_name(name) for name in Config.__struct_fields__]
    commands = [f"huying {command.name}" for command in find_commands()]
    assert [name for name in [*settings, *commands] if f"`{name}" not in page] == []
    assert [code for code in Exit if f"| {code.value} |" not in page] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_operations_gives_every_default(lang: str) -> None:
    page = read(lang, "operations.md")
    for name, default in zip(Config.__struct_fields__, Config.__struct_defaults__, strict=True):
        row = next(line for line in page.splitlines() if line.startswith(f"| `{setting_name(name)}`"))
        assert str(default) in row, row


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_journals_page_names_every_kind_of_fact(lang: str) -> None:
    page = read(lang, "journal.md")
    assert [name for name in FACTS if f"`{name}`" not in page] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_four_parts_and_a_decision_in_one_sentence(path: Path) -> None:
    text = path.read_text("utf-8")
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "Enforced by"]
    assert f"({path.name})" in (DOCS / "decisions" / "README.md").read_text("utf-8")


def test_every_dependency_has_its_reason_and_every_reason_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(each for name in extras if name != "dev" for each in extras[name])]
    names = {re.split(r"[\[<>=!;~ ]", each)[0] for each in wanted}
    page = (DOCS / "decisions" / "0008-dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([\w-]+)`", page, re.MULTILINE)) == names


def test_the_glossary_has_one_line_for_a_word() -> None:
    lines = (DOCS / "glossary.md").read_text("utf-8").splitlines()
    words = [
        word
        for line in lines
        if line.startswith("| `")
        for word in re.findall(r"`([^`]+)`", line.split("|")[1])
    ]
    assert sorted(words) == sorted(set(words))
