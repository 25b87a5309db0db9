"""A small Discord on 127.0.0.1: an unchanged bot connects to it as it would to Discord, and people chat on its page."""
