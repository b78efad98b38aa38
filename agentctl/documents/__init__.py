"""Read documents safely, with places, and hold them against their schemas."""
