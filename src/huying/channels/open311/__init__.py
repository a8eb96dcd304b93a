"""Open311 GeoReport v2: how cities' apps and aggregators bring requests and read what became of them.

The standard: https://wiki.open311.org/GeoReport_v2/ ; updates follow FixMyStreet's extension of it.
"""
