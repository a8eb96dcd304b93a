"""Points, datums, areas, the gazetteer and travel times. Plain values in, plain values out; no I/O."""
