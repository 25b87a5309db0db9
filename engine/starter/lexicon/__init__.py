"""The words of the starter's world, one source for what trains the pair and for what reads requests."""
