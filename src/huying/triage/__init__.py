"""What is it, how urgent, where, seen already: proposals with their reasons. Plain values; no I/O."""
