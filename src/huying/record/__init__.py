"""The verifiable record: signed checkpoints of the hash tree, witnesses that cosign them, proofs, tiles."""
