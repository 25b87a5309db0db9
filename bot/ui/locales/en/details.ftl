# Details.
details-title = Details
details-understood = Understood as
details-words = Words
details-prompt = Prompt
details-negative = Avoid
details-seed = Seed
details-steps = Steps
details-size = Size
details-model = Model
details-seconds = Time
details-seconds-value = { $seconds } s
details-style = Style
details-strength = Strength
details-guidance = Guidance
details-ancestors = Came from
details-private = a private picture
details-deleted = { $shows } (deleted)
