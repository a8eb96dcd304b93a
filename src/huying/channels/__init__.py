"""Ways in: one file per channel. Each turns what came into commands and nothing else."""
