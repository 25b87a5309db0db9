"""Use cases: what happens, in which order. They see the domain and ports, never Discord, SQLite or sockets."""
