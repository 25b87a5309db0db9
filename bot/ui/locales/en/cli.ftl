# The command line.
cli-loading = Loading the models …
cli-loading-model = Loading { $model } …
cli-lasts = { $state } { $seconds } s
cli-looking = Looking at everything …
cli-fetching = Fetching { $model } { $bar } { $percent } % of { $size }
cli-queued = { $position ->
    [0] Next in line
   *[other] In line: { $position } before it
 }
cli-painting = Painting { $step } of { $steps }
cli-understood = Understood as: { $understood }
cli-prompt = Prompt: { $prompt }
cli-saved = Saved { $file }
cli-lora = --lora: { $value } is no LoRA's name with a weight from -{ $most } to { $most }, such as ink:0.8
cli-loras-many = --lora: at most { $most } LoRAs can be used at once
cli-loras-absent = The engine has no LoRA { $names }; it has { $known }.
cli-loras-none = The engine has no LoRA { $names }, nor any other; name some in LIMNER_LORAS.
cli-out-is-directory = --out: { $out } is a directory; name a file in it, such as { $better }
cli-out-format = --out: { $out } has an ending that no picture here has; use one of { $endings }
cli-out-nowhere = --out: there is no directory { $directory }; create it first
cli-out-unwritable = --out: { $out } cannot be written; choose another place
