"""One file per command; a new file with a `COMMAND` is found by itself."""
