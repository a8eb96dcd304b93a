"""Roads: a net of edges, how fast each may be travelled, where a point meets it, and how long a way takes."""
