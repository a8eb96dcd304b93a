"""How the people of the simulated city behave: medians, spreads and shares, in one place.

Medians and spreads of unit times follow the public records of San Francisco's fire department (turn-out
about one minute, a third of an hour on scene); shares of lateness and of answers are chosen so that every
arrow of the loop is walked often enough to be seen, not to describe any city.
"""

from __future__ import annotations

from msgspec import Struct


class Habits(Struct, frozen=True):
    """Seconds are medians of lognormal draws; shares are in 0…1."""

    # the desk confirms a recommendation, by priority 1…5
    confirm_s: tuple[float, ...] = (40.0, 60.0, 120.0, 240.0, 420.0)
    confirm_spread: float = 0.6
    # what a visitor of the demo county has taken is left to visitors for so long: they may send somebody
    leaves_s: float = 600.0
    # nobody is sent who would be on the way longer than this
    far_s: float = 2_700.0
    # no unit is free: the desk looks when one is free again, and from time to time; at last it ends it by
    # telephone
    notices_s: float = 15.0
    look_again_s: float = 900.0
    looks_max: int = 24

    # all units were called off: the desk ends it after so long
    ends_s: float = 300.0
    # a call seems to be about what is already known: the desk joins so many, so soon
    joins: float = 0.7
    join_s: float = 20.0

    # a unit turns out, drives (times what was expected), works; who patrols sits in the car already
    turn_out_s: float = 55.0
    patrol_turn_out_s: float = 15.0
    turn_out_spread: float = 0.5
    drive_spread: float = 0.25
    drive_s: float = 360.0  # where nothing is known of the way
    on_scene_s: float = 1_300.0
    on_scene_spread: float = 0.6

    # an agency takes a referral and answers it, as a share of the time it has
    accept_share: float = 0.25
    accept_spread: float = 0.8
    accept_late: float = 0.04
    resolve_share: float = 0.45
    resolve_spread: float = 0.5
    resolve_late: float = 0.06
    late_factor: float = 1.35
    # most matters are settled within hours of somebody taking them up, however long the limit (0: by the
    # limit alone); departments work while offices are open
    settled_s: float = 0.0
    settled_spread: float = 0.9
    office_hours: bool = False
    returns: float = 0.02

    # a caller is asked
    caller_answers: float = 0.55
    caller_after_s: float = 5_400.0
    caller_spread: float = 1.2
    not_solved: float = 0.06
    reopens_max: int = 1

    # a person closes what no machine may close, after silence
    person_closes_s: float = 7_200.0
