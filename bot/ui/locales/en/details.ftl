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
