"""Which place is meant: names, roads and their posts, numbers and junctions, slips of sound, and how sure."""
