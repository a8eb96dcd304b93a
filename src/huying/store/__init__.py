"""The journal and what is derived from it, in memory, SQLite or PostgreSQL behind one port."""
