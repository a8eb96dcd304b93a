"""Roads from and to files: OpenStreetMap extracts, lines, tables, and the graph's own file."""
