"""What makes up for the starter's smallness: tables of words in five languages, and the answers mended by them.

`read` is the way in. Only a model whose card lists the words that it knows is read for; no other model's answer passes.
"""
