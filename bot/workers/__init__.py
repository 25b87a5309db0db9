"""Work on untrusted files or with heavy libraries, each in a child process."""
