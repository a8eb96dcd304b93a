"""The fast engine: only units, calls and roads, compiled, for policies that are tried a million times."""
