"""Who goes: proposals with their reasons, which a person confirms. Plain values; no I/O."""
