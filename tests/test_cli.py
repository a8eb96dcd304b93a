"""The command line: what it says, in which language, and how it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from huying import __version__
from huying.base.refusal import Refusal
from huying.base.text import LANGUAGES
from huying.cli import main
from huying.cli.console import Console, choose_language
from huying.cli.exits import Exit, exit_of
from huying.cli.parser import build_parser, find_commands
from huying.config import Config, read_config
from huying.words import load_words

SRC = Path(__file__).resolve().parent.parent / "src"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "HUYING_LANG",
        "HUYING_STORE",
        "HUYING_PORT",
        "HUYING_KEYS",
    ):
        monkeypatch.delenv(name, raising=False)


def run(*argv: str) -> int:
    """The exit code of one command line, also when the parser itself ends it."""
    try:
        return main(argv)
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        return ended.code


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == Exit.OK
    assert capsys.readouterr().out == f"huying {__version__}\n"


def test_without_a_command_it_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == Exit.USAGE
    assert "huying demo" in capsys.readouterr().err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", [each.name for each in find_commands()])
def test_every_command_teaches_in_both_languages(
    command: str, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUYING_LANG", lang)
    assert run(command, "--help") == Exit.OK
    said = capsys.readouterr().out
    assert "cli." not in said, "a key has no sentence"
    assert f"huying {command}" in said
    assert load_words().say("cli.examples", lang) in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_help_has_sentences(lang: str) -> None:
    said = build_parser(lang, Config()).format_help()
    assert "cli." not in said
    assert "show this help message" not in said


def test_a_slip_on_the_command_line_ends_with_2_and_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("settings", "--colour") == Exit.USAGE
    assert "huying --help" in capsys.readouterr().err


def test_settings_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HUYING_PORT", "9000")
    assert run("settings", "--json") == Exit.OK
    rows = json.loads(capsys.readouterr().out)["settings"]
    assert {row["name"]: row["value"] for row in rows}["HUYING_PORT"] == 9000


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HUYING_STORE", "postgresql://desk:pa55@db/huying")
    monkeypatch.setenv("HUYING_KEYS", "ab" * 32 + ":" + "cd" * 32)
    assert run("settings") == Exit.OK
    said = capsys.readouterr().out
    assert "postgresql://desk:…@db/huying" in said
    assert "pa55" not in said
    assert "abab" not in said


def test_a_bad_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUYING_PORT", "eighty")
    assert run("settings", "--json") == Exit.USAGE
    said = capsys.readouterr()
    assert json.loads(said.out)["refusal"]["code"] == "bad_setting"
    assert "HUYING_PORT" in said.err
    assert "eighty" in said.err


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_terminal(environ: dict[str, str], lang: str) -> None:
    assert choose_language("", environ) == lang
    assert choose_language("zh", environ) == "zh"


def test_progress_shows_on_a_terminal_and_leaves_nothing() -> None:
    terminal = Terminal()
    with Console("en", json=False, err=terminal).progress("cli.examples") as bar:
        bar(50, 200)
        bar(200, 200)
    assert "200 / 200  100 %" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_progress_says_nothing_in_a_pipe() -> None:
    pipe = io.StringIO()
    with Console("en", json=False, err=pipe).progress("cli.examples") as bar:
        bar(200, 200)
    assert pipe.getvalue() == ""


def test_json_is_all_that_a_program_reads() -> None:
    out = io.StringIO()
    console = Console("en", json=True, out=out)
    console.say("cli.examples")
    console.answer({"ok": True})
    assert out.getvalue() == '{"ok":true}\n'


def test_exit_codes_tell_a_script_why() -> None:
    assert exit_of(Refusal("store_full")) == Exit.STORE
    assert exit_of(Refusal("not_found")) == Exit.REFUSED


def test_settings_are_read_by_type() -> None:
    assert read_config({"HUYING_PORT": "9000", "HUYING_STORE": " x.sqlite ", "HUYING_PACK": ""}) == Config(
        port=9000, store="x.sqlite"
    )


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "huying", "--version"],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"huying {__version__}\n")


def test_a_bug_is_loud_and_ends_with_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huying.cli.read_config", lambda environ: 1 // 0)
    assert run("settings") == Exit.BUG
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "huying --version" in said


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(environ: object) -> Config:
        raise KeyboardInterrupt

    monkeypatch.setattr("huying.cli.read_config", stop)
    assert run("settings") == Exit.INTERRUPTED


def test_every_setting_has_a_meaning() -> None:
    english = load_words().by_language["en"]
    meanings = {key.removeprefix("setting.") for key in english if key.startswith("setting.")}
    assert meanings == set(Config.__struct_fields__)


def test_a_command_is_called_as_its_file() -> None:
    for command in find_commands():
        assert [each.name for each in find_commands(command.name)] == [command.name]


def test_a_small_command_starts_without_the_whole_house() -> None:
    code = "import sys; from huying.cli import main; main(['settings']); print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_an_unknown_command_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("setings") == Exit.USAGE
    assert "settings" in capsys.readouterr().err
