"""How the fast model is learnt, calibrated and measured. Plain values; no I/O. Needs scipy (extra
`train`)."""
