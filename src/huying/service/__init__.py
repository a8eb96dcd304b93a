"""Commands become facts, questions become answers. No I/O: stores, clocks and chance come through ports."""
