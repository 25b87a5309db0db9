# What agents, and whoever starts limner mcp, read.
mcp-not-installed = limner mcp needs the package mcp, which is not installed here: { $command }
agent-not-running = Limner does not run on LIMNER_HOME { $home }, or is just starting; start limner run there, then call again.
agent-lost = Limner ended the call; look the picture up, or call again.
agent-on-its-way = It is still being painted and will be posted in the channel; look it up by its id.
agent-unseen = It was drawn, and its message cannot be read any more.
agent-ended = It was not drawn, or is not shown any more; what was counted was refunded where it was not drawn.
