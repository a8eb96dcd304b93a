"""Ways in: one file or folder per channel; none knows of another. Each turns what came into commands."""
