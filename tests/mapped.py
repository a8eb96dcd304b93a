"""A file of calls by mapping, as small as can be: for tests of the reader, and for whoever fuzzes it."""

from __future__ import annotations

CENTRE = (28.05, 121.20)
HEADING = "id,when,lat,lng,kind,text\n"
MAPPING = """
name = "small"
pack = "xikou"
[time]
at = "{when}"
zone = "Asia/Shanghai"
[call]
words = "{text}"
source_id = "{id}"
[place]
lat = "lat"
lon = "lng"
datum = "GCJ-02"
error_m = 40.0
box = [28.0, 121.0, 29.0, 122.0]
[type]
of = "{kind}"
default = "unknown"
[type.table]
"Fire: BUILDING" = "fire.building"
"Noise*" = "city.noise"
"Noise: FIGHT*" = "police.fight"
"""
