"""`huying triage`: learn to understand words, measure it, put models into use and take them back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.domain.modelling import FEATURES_USUAL, LIVE

FOLDS_MAX = 20
FEATURES_LIMIT = 400_000
UNLABELLED_LIMIT = 100_000
UNLABELLED_MOST = 2_000
"""Reports without labels of one run: some ten minutes of one processor, by night."""
CLASSES_SHOWN = 60
RECENT_MIN = 0.01
DELAY_USUAL, DELAY_MAX = 100, 1_000_000
"""Reports that come before the truth of one is known; `triage.learning.adaptive` has the reason."""


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("evaluate", "train", "distil", "gate", "shadow", "live", "rollback", "show"))
    train = verbs["train"]
    train.add("--train", metavar="FILE", nargs="*", default=[])
    train.add("--parts", metavar="PARTS", default="train,dev")
    train.add("--features", metavar="N", type=int, default=FEATURES_USUAL)
    train.add("--no-hints", action="store_true")
    train.add("--journal", action="store_true")
    train.add("--out", metavar="DIR", default="")
    distil = verbs["distil"]
    distil.add("--train", metavar="FILE", nargs="*", default=[])
    distil.add("--unlabelled", metavar="FILE", nargs="*", default=[])
    distil.add("--text", metavar="COLUMN", default="text")
    distil.add("--parts", metavar="PARTS", default="train,dev")
    distil.add("--features", metavar="N", type=int, default=FEATURES_USUAL)
    distil.add("--journal", action="store_true")
    distil.add("--most", metavar="N", type=int, default=UNLABELLED_MOST)
    distil.add("--vectors", metavar="FILE", default="")
    distil.add("--test", metavar="FILE", nargs="*", default=[])
    distil.add("--out", metavar="DIR", default="")
    verbs["gate"].add("digest", metavar="MODEL")
    verbs["gate"].add("--test", metavar="FILE", nargs="*", default=[])
    verbs["gate"].add("--parts", metavar="PARTS", default="test")
    for role in ("live", "shadow"):
        verbs[role].add("digest", metavar="MODEL")
    for verb in ("live", "shadow", "rollback"):
        verbs[verb].add("--why", metavar="WORDS", default="")
    for verb in ("train", "distil", "gate", "shadow", "live", "rollback", "show"):
        verbs[verb].add("--store", default=config.store)
        verbs[verb].add("--pack", default=config.pack)
        verbs[verb].add("--json", action="store_true")
    evaluate = verbs["evaluate"]
    evaluate.add("--train", metavar="FILE", nargs="+", required=True)
    evaluate.add("--test", metavar="FILE", nargs="+", default=[])
    evaluate.add("--text", metavar="COLUMNS", required=True)
    evaluate.add("--label", metavar="COLUMN", required=True)
    evaluate.add("--time", metavar="COLUMN", default="")
    evaluate.add("--folds", metavar="N", type=int, default=5)
    evaluate.add("--recent", metavar="SHARE", type=float, default=1.0)
    evaluate.add("--curve", action="store_true")
    evaluate.add("--adaptive", action="store_true")
    evaluate.add("--delay", metavar="N", type=int, default=DELAY_USUAL)
    evaluate.add("--semantic", action="store_true")
    evaluate.add("--meaning", metavar="COLUMNS", default="")
    evaluate.add("--unlabelled", metavar="FILE", nargs="*", default=[])
    evaluate.add("--vectors", metavar="FILE", default="")
    evaluate.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    return _VERBS[args.verb](args, console)


def _evaluate(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli.evaluation import HEAD, evaluate, in_folds, latest, parts_of

    if not 2 <= args.folds <= FOLDS_MAX:
        raise Refusal("out_of_range", field="folds", low=2, high=FOLDS_MAX)
    if not 0 <= args.delay <= DELAY_MAX:
        raise Refusal("out_of_range", field="delay", low=0, high=DELAY_MAX)
    if not RECENT_MIN <= args.recent <= 1:
        raise Refusal("out_of_range", field="recent", low=RECENT_MIN, high=1)
    columns = _parts(args.text)
    train = read_labelled([Path(each) for each in args.train], columns, {HEAD: args.label}, args.time)
    if args.recent < 1:
        train = latest(train, args.recent)
    test = None
    if args.test:
        test = read_labelled([Path(each) for each in args.test], columns, {HEAD: args.label}, args.time)
    # Before anything is learnt: where the extra is missing, nobody waits for minutes to be told so.
    meant = _with_meaning(args, train, test) if args.semantic else {}
    if test is not None:
        answer = evaluate(train, test, args.adaptive, args.delay)
    else:
        answer = in_folds(train, args.folds, args.adaptive, args.delay)
    if args.curve:
        from huying.cli import curves

        parts = (train, test) if test is not None else parts_of(train, args.folds)[0]
        answer |= {"curve": curves.curve(*parts), "ceiling": curves.ceiling(*parts)}
    answer |= meant
    _tell(answer, console)
    console.answer(answer)
    return Exit.OK


def _with_meaning(args: argparse.Namespace, train: Any, test: Any) -> dict[str, Any]:
    from huying.cli import meaning

    columns = _parts(args.meaning) or _parts(args.text)
    meant: list[str] = []
    for files, labelled in ((args.train, train), (args.test, test)):
        if labelled is not None:
            read = read_labelled([Path(each) for each in files], columns, {"label": args.label}, args.time)
            if len(read.texts) != len(labelled.texts):
                raise Refusal("labelled_columns_missing", file=files[0], columns=args.meaning)
            meant += read.texts
    more = None
    if args.unlabelled:
        files = [Path(each) for each in args.unlabelled]
        more = (meaning.read_texts(files, _parts(args.text)), meaning.read_texts(files, columns))
        if len(more[0]) != len(more[1]):
            raise Refusal("labelled_columns_missing", file=args.unlabelled[0], columns=args.meaning)
    kept = Path(args.vectors) if args.vectors else None
    return meaning.evaluate(train, test, args.folds, meant, more, kept)


def _tell(answer: dict[str, Any], console: Console) -> None:
    from huying.cli.curves import told

    console.say("cli.triage.evaluate.told", **answer)
    if "semantic" in answer:
        console.say("cli.triage.evaluate.with_meaning", **answer["semantic"])
    if "distilled" in answer:
        console.say("cli.triage.evaluate.distilled", **answer["distilled"])
    for row in told(answer["curve"]) if "curve" in answer else ():
        console.say("cli.triage.evaluate.curve_row", **row)
    if "ceiling" in answer:
        oracle, near = answer["ceiling"]["oracle"], answer["ceiling"]["near"]
        console.say("cli.triage.evaluate.oracle", **oracle)
        low, middle, high = near["accuracy_at_most"]
        console.say("cli.triage.evaluate.near", low=low, middle=middle, high=high, **near)
    for label, f1 in sorted(answer["f1"].items(), key=lambda pair: pair[1])[:CLASSES_SHOWN]:
        console.say(
            "cli.triage.evaluate.class",
            label=label,
            f1=f1,
            texts=answer["texts"].get(label, 0),
            coverage=answer["coverage"]["0.9"].get(label, "–"),
            size=answer["set_size"]["0.9"].get(label, "–"),
            interval="–".join(str(each) for each in answer["coverage_interval"]["0.9"].get(label, [])),
            verdict=console.word(f"coverage.{answer['coverage_verdict']['0.9'].get(label, 'noise')}"),
        )
    for level, by in answer.get("adaptive", {}).get("coverage_verdict", {}).items():
        before, then = (_tally(each.values()) for each in (answer["coverage_verdict"][level], by))
        size = answer["adaptive"]["set_size_mean"][level]
        console.say("cli.triage.evaluate.followed", level=level, before=before, then=then, size=size)
    for reason, count in answer["set_aside"].items():
        console.say("cli.triage.set_aside", reason=console.word(f"bad_line.{reason}"), count=count)


def _tally(verdicts: Iterable[str]) -> str:
    """kept/more/noise/broken, as counts."""
    said = list(verdicts)
    return "/".join(str(said.count(each)) for each in ("kept", "more", "noise", "broken"))


def _place(args: argparse.Namespace) -> Any:
    from huying.cli.models import Place

    return Place(args.store, args.pack, read_config(os.environ).models)


def _train(args: argparse.Namespace, console: Console) -> Exit:
    from huying.learning.rounds import Wish, learn

    if not 100 <= args.features <= FEATURES_LIMIT:
        raise Refusal("out_of_range", field="features", low=100, high=FEATURES_LIMIT)
    place = _place(args)
    wish = Wish(
        files=tuple(args.train),
        parts=tuple(_parts(args.parts)),
        features=args.features,
        hints=not args.no_hints,
        journal=args.journal,
        out=args.out,
    )
    answer, made = learn(place, wish)
    if not args.out and place.there_is_a_store():
        place.record(made)
    console.say(
        "cli.triage.train.told",
        digest=answer["digest"],
        folder=answer["folder"],
        texts=answer["card"]["texts"],
    )
    console.answer(answer)
    return Exit.OK


def _distil(args: argparse.Namespace, console: Console) -> Exit:
    from huying.learning.distilling import Teaching, distil

    for field, low, high in (("features", 100, FEATURES_LIMIT), ("most", 1, UNLABELLED_LIMIT)):
        if not low <= getattr(args, field) <= high:
            raise Refusal("out_of_range", field=field, low=low, high=high)
    place = _place(args)
    wish = Teaching(
        files=tuple(args.train),
        parts=tuple(_parts(args.parts)),
        unlabelled=tuple(args.unlabelled),
        text=args.text,
        journal=args.journal,
        most=args.most,
        features=args.features,
        test=tuple(args.test),
        vectors=args.vectors,
        out=args.out,
    )
    answer, told_of = distil(place, wish)
    if args.test or place.there_is_a_store():
        for command in told_of:
            place.record(command)
    taught, folder = max(answer["taught"].values(), default=0), args.out or str(place.own)
    told = {"digest": answer["digest"], "folder": folder, "unlabelled": answer["unlabelled"]}
    console.say("cli.triage.distil.told", taught=taught, **told)
    if "gate" in answer:
        passed = answer["gate"]["passed"]
        console.say(f"cli.triage.gate.{'passed' if passed else 'failed'}", digest=answer["digest"])
        _say_faults(answer["gate"]["faults"], console)
    console.answer(answer | {"folder": folder})
    return Exit.OK


def _say_faults(faults: Iterable[str], console: Console) -> None:
    """What the gate holds against a model: `test: head measure mine < live`, in words."""
    for fault in faults:
        test, head, measure, mine, _, live = fault.replace(":", "", 1).split(" ")
        console.say(
            "cli.triage.gate.fault",
            test=console.word(f"admin.models.test.{test}"),
            question=console.word(f"admin.models.head.{head}"),
            measure=console.word(f"admin.models.measure.{measure}"),
            mine=mine,
            live=live,
        )


def _gate(args: argparse.Namespace, console: Console) -> Exit:
    from huying.learning.rounds import judge

    place = _place(args)
    files = args.test or [str(each) for each in place.reports()]
    answer, said = judge(place, args.digest, files, _parts(args.parts))
    place.record(said)
    console.say(
        "cli.triage.gate.passed" if answer["passed"] else "cli.triage.gate.failed", digest=args.digest
    )
    _say_faults(answer["faults"], console)
    console.answer(answer)
    return Exit.OK if answer["passed"] else Exit.REFUSED


def _set(args: argparse.Namespace, console: Console) -> Exit:
    place = _place(args)
    if args.verb == LIVE:
        place.must_have_passed(args.digest)
    answer = place.set(args.verb, args.digest, args.why)
    console.say("cli.triage.set.told", role=args.verb, digest=answer["digest"], was=answer["was"] or "–")
    console.answer(answer)
    return Exit.OK


def _rollback(args: argparse.Namespace, console: Console) -> Exit:
    place = _place(args)
    answer = place.set("live", place.before(), args.why or "rollback")
    console.say("cli.triage.set.told", role="live", digest=answer["digest"], was=answer["was"] or "–")
    console.answer(answer)
    return Exit.OK


def _show(args: argparse.Namespace, console: Console) -> Exit:
    from msgspec import to_builtins

    from huying.learning.rounds import watch

    place = _place(args)
    known = place.known()
    roles = {role: place.in_role(role) for role in ("live", "shadow")}
    found = watch(place)
    answer = {**roles, "models": known, "journal": to_builtins(found)}
    for role, digest in roles.items():
        console.say("cli.triage.show.role", role=role, digest=digest or "–")
    for each in known:
        console.say("cli.triage.show.model", digest=each["digest"], texts=each["card"].get("texts", "–"))
    for row in answer["journal"]["models"]:
        console.say(
            "cli.triage.show.doing", **{key: "–" if value is None else value for key, value in row.items()}
        )
    console.answer(answer)
    return Exit.OK


def _parts(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


_VERBS: dict[str, Callable[[argparse.Namespace, Console], Exit]] = {
    "evaluate": _evaluate,
    "train": _train,
    "distil": _distil,
    "gate": _gate,
    "live": _set,
    "shadow": _set,
    "rollback": _rollback,
    "show": _show,
}

COMMAND = Command("triage", 45, _run, _arguments)
