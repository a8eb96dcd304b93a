"""A city that lives: replays of records, drills and the demo county, on the live engine."""
