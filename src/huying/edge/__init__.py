"""What all ways in and out share: time and language at the edge, who asks, and the desk."""
