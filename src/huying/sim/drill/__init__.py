"""Drills: a red scenario against the live code and a blue desk, scored, the same again from its seed."""
