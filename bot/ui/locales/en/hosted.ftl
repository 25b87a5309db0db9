# Hosted models: what leaves the host, and what they do not heed.
hosted-told = Your words are sent to { $where }, without mentions, ids, e-mail addresses and phone numbers.
hosted-told-picture = Your words and the picture are sent to { $where }; mentions, ids, e-mail addresses and phone numbers in the words are not.
lacks-seed = This model takes no seed, so the same words give another picture next time.
lacks-negative = This model has no field for what to leave out; it was written into the prompt instead.
lacks-steps = This model chooses its steps itself.
lacks-guidance = This model takes no guidance.
lacks-strength = This model decides itself how much of the picture to change.
