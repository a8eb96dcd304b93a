"""The optional model of meaning, in a process of its own: a crash or a hang of it disturbs nobody."""
