"""A map that is drawn without any other host: features → vector tiles → one PMTiles file."""
