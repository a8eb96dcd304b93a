"""What citizens can ask for: the pack's types marked for Open311, with their questions."""

from __future__ import annotations

from typing import Any

from huying.base.text import say
from huying.channels.open311.faults import Fault
from huying.domain.pack import IncidentType, Pack, Question
from huying.edge.settings import Settings

_DATATYPES = {"yesno": "singlevaluelist", "choice": "singlevaluelist", "text": "text", "number": "number"}
_YES_NO = (("yes", {"zh": "是", "en": "Yes"}), ("no", {"zh": "否", "en": "No"}))
# The day on which this endpoint's documents last changed shape.
CHANGESET = "2026-11-22T00:00:00Z"


def public_types(pack: Pack) -> list[str]:
    """Codes of the types that citizens may choose and whose requests may be read by everybody."""
    return [each.code for each in pack.types.values() if each.open311]


def public_type(pack: Pack, code: str) -> IncidentType:
    """
    Raises:
        Fault: 404, there is no such service.
    """
    found = pack.types.get(code)
    if found is None or not found.open311:
        raise Fault(404, f"service_code {code[:60]} was not found")
    return found


def service(kind: IncidentType, lang: str) -> dict[str, Any]:
    return {
        "service_code": kind.code,
        "service_name": say(kind.name, lang),
        "description": say(kind.description, lang),
        "metadata": bool(kind.questions),
        "type": "realtime",
        "keywords": ", ".join(word for words in kind.name.values() if (word := words.strip())),
        "group": kind.group,
    }


def definition(pack: Pack, kind: IncidentType, lang: str) -> dict[str, Any]:
    questions = [pack.questions[code] for code in kind.questions]
    return {
        "service_code": kind.code,
        "attributes": [_attribute(each, n, lang) for n, each in enumerate(questions, 1)],
    }


def _attribute(question: Question, order: int, lang: str) -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "variable": True,
        "code": question.code,
        "datatype": _DATATYPES[question.kind],
        "required": question.required,
        "datatype_description": "",
        "order": order,
        "description": say(question.text, lang),
    }
    choices = _YES_NO if question.kind == "yesno" else question.choices
    if choices:
        attribute["values"] = [{"key": key, "name": say(name, lang)} for key, name in choices]
    return attribute


def discovery(settings: Settings, pack: Pack, root_url: str, lang: str) -> dict[str, Any]:
    """Where the endpoints are. `root_url` is the address of this installation, without a slash at the end."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{root_url}/open311/v2",
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": CHANGESET,
        "contact": say(pack.title, lang),
        "key_service": say(pack.title, lang) if settings.open311_keys else "",
        "endpoints": [endpoint],
    }
