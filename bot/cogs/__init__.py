"""Commands and buttons: each parses, calls one service, presents the answer."""
