"""A cry without words: nobody knows what it is, and somebody goes all the same."""

from __future__ import annotations

import pytest

from huying.triage.rules import WordTriage
from shipped_packs import pack
from web_client import open_web

CRIES = [
    ("yunxi", "救命！"),
    ("yunxi", "救命啊快来人"),
    ("yunxi", "Help me!"),
    ("yunxi", "help!"),
    ("yunxi", "HELP HELP"),
    ("yunxi", "来人啊"),
    ("harbor", "Help me!"),
    ("harbor", "somebody is dying"),
    ("harbor", "SOS"),
    ("starter", "救命"),
]


@pytest.mark.parametrize(("city", "words"), CRIES)
def test_the_nearest_police_unit_is_proposed(city: str, words: str) -> None:
    county = pack(city)
    said = WordTriage(county).understand(words, "", "", {})
    assert (said.type, said.priority <= 2) == (county.danger_type, True)
    assert "triage.danger" in [each.key for each in said.reasons]
    need = county.run_cards[county.types[said.type].run_card].needs[0]
    assert any(need.ability in unit.abilities for unit in county.units.values())


@pytest.mark.parametrize(
    ("words", "stated", "type"),
    [
        ("救命，我家着火了", "", "fire.house"),
        ("救命", "unknown", "unknown"),
        ("喂，你好", "", "unknown"),
        ("can you help with the form", "", "help.other"),
    ],
)
def test_what_is_known_or_calm_or_stated_stays(words: str, stated: str, type: str) -> None:
    assert WordTriage(pack("yunxi")).understand(words, "", stated, {}).type == type


def test_over_http_the_board_names_who_goes_to_a_cry_at_a_place() -> None:
    """With the county's own model live, as a desk has it."""
    with open_web(pack="yunxi") as web:
        told = web.call("救命！", address="云溪县溪城镇崇文路")
        incident = web.story(told["incident_id"])["incident"]
        assert (incident["type"], incident["priority"]) == ("unknown.danger", 1)
        status, who = web.get(f"/api/incidents/{told['incident_id']}/recommendation")
        assert (status, len(who["lines"])) == (200, 1), who
        assert all(each["unit"] for each in who["lines"])
