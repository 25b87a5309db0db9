"""What the services need of the world, as protocols by subject; adapters and fakes need not inherit from them."""
