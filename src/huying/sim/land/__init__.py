"""A believable road net around a pack's named roads and places, made by code: for the demo county."""
