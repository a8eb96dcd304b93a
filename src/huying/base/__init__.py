"""The ground floor: clock and chance as protocols, refusals, words. Imports nothing of the house."""
