"""What the project is about: the nouns, their status tables and the facts that change them. Pure."""
