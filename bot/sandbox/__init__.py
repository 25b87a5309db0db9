"""A small Discord on 127.0.0.1: the unchanged bot connects to it as to Discord, and people chat on its page."""
