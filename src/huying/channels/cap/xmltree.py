"""XML from strangers: no document types, no entities but the five of XML itself, bounded depth and size."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from huying.base.refusal import Refusal

# An alert of a national office has some hundred elements, a dozen deep.
ELEMENTS_MAX = 20_000
DEPTH_MAX = 40


def read_xml(raw: bytes) -> Element:
    """Bytes → root element; names in a namespace are `{namespace}name`.

    Raises:
        Refusal: `bad_xml` with line and reason.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    builder, count, depth = TreeBuilder(), 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > ELEMENTS_MAX or depth > DEPTH_MAX:
            raise _bad(parser, "too many elements, or too deep")
        builder.start(_tag(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_tag(name))

    def forbidden(*_: object) -> int:
        raise _bad(parser, "document types and entities are not accepted")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden
    try:
        parser.Parse(raw, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise _bad(parser, str(error)) from None


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name


def _bad(parser: expat.XMLParserType, reason: str) -> Refusal:
    return Refusal("bad_xml", line=parser.CurrentLineNumber, reason=reason)
