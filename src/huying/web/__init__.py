"""The API and the plain board, one file per noun. Nothing is decided here: commands in, answers out."""
