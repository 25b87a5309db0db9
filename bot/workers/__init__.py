"""Work on untrusted files or with heavy libraries, each in a process of its own."""
