# /status.
status-title = Limner
status-idle = The engine is ready and nothing waits: a new picture begins at once.
status-paused = A moderator has paused drawing in this server; what is on its way goes on.{ $why }
status-waiting = { $waiting ->
    [one] { $waiting } picture waits or is being painted.
   *[other] { $waiting } pictures wait or are being painted.
}
status-wait = { $waiting ->
    [one] { $waiting } picture waits or is being painted; a new one begins { $when }.
   *[other] { $waiting } pictures wait or are being painted; a new one begins { $when }.
}
status-untold = The engine works; it does not tell how many wait.
status-loading = The engine is loading its models. You can ask for pictures already: they wait until it is ready.
status-fetching = The engine fetches the model { $model }: { $bar } { $percent } % of { $size }. You can ask for pictures already: they wait until it is ready.
status-away = The engine does not answer. Pictures that you ask for wait for it, and are refunded if it stays away.
status-engine-works = { $engine } works: { $waiting ->
    [0] nothing waits
    [one] one picture waits or is painted
   *[other] { $waiting } pictures wait or are painted
}
status-engine-loading = { $engine } is loading its models.
status-engine-away = { $engine } does not answer, and is left out until it does.
status-engine-differs = { $engine } is left out: its { $fact } is { $has }, and that of { $other } is { $others }.
status-fact-painter = painter
status-fact-planner = language model
status-painter = Painter: { $name }
status-planner = Language model: { $name }
status-hosted = It runs at another service ({ $where }): what you write is sent there.
status-lacks = It takes no notice of: { $lacks }
status-knows = It knows a small world: { $knows }
status-loras = LoRAs: { $names }
status-loras-left-out = LoRA files that cannot be used: { $files }
status-lora-file = { $file } ({ $flaw })
lora-flaw-pickle = a pickle, which could run code
lora-flaw-absent = not there
lora-flaw-name = its name cannot be typed
lora-flaw-kind = not a LoRA, or of a kind that is not supported
lora-flaw-damaged = damaged, or no safetensors file
lora-flaw-unreadable = cannot be read
lora-flaw-twice = another one has its name
lora-flaw-beyond = more than can be held
lora-flaw-foreign = for another family of models
lora-flaw-unfetched = not to be had from the hub
lora-flaw-failed = could not be loaded
status-running = { $running ->
    [0] No request is on its way.
    [one] { $running } request is on its way.
   *[other] { $running } requests are on their way.
}
status-shards = Connections to Discord: { $up } of { $count }
status-since = Started { $when }
lack-seed = seed
lack-progress = progress
lack-preview = previews
lack-negative = negative
lack-steps = steps
lack-guidance = guidance
lack-start = start images
lack-strength = strength
lack-mask = masks
status-comma = {", "}
