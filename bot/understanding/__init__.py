"""From someone's words to what the painter gets. Read in this order:

`instructions` what the language model is told, `conversation` the messages that it gets, `prompt_spec` what its answer
must be, `understand` asking it, `assemble` what reaches the painter.

Invariant: the language model is the authority. Its valid answer reaches the painter as it is; no module here compares
words with a table of any language.
"""
