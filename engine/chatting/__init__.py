"""The language model: answers a conversation, within a grammar where the request sets one."""
