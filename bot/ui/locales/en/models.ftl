# limner models, and what goes wrong with models of the hub.
models-title = Models for { $chip }. They lie in { $folder }, with { $free } free.
models-chip = { $name } with { $memory }
models-cpu = this machine, which has no NVIDIA GPU
models-column-name = name
models-column-licence = licence
models-column-fetch = to fetch
models-column-memory = memory
models-column-picture = a picture
models-column-here = here
models-along = comes along; any CPU
models-starter-seconds = about 2 s
models-seconds = about { $seconds } s
models-here-whole = is here
models-here-partly = begun
models-fits-together = fits
models-fits-together-int8 = fits in int8
models-fits-together-4bit = fits in 4 bits
models-fits-turns = fits in turns
models-fits-turns-int8 = fits in turns, in int8
models-fits-parts = fits part by part
models-fits-parts-int8 = fits part by part, in int8
models-fits-host = runs here without a GPU
models-measuring = How long a picture takes on this machine is measured now, which takes up to a minute or two.
models-host-offer = { $name } paints here without a GPU: { $fetch } to fetch, about { $seconds } s a picture of { $side }×{ $side } pixels.
models-host-unmeasured = { $name } paints here without a GPU: { $fetch } to fetch; how long a picture takes could not be measured.
models-fits-package = all of it would stay on the GPU { $weights ->
    [int8] in int8
   *[other] in 4 bits
 } with the package { $package }
models-fits-no = does not fit, or a smaller one is better here
models-fits-gpu = needs a GPU
models-next = limner models fetch NAME fetches one, of the table or any other on the hub; limner models use NAME switches to it; NAME may be auto or starter.
models-offer = { $name } ({ $licence }; { $fetch } to fetch, { $memory } of memory)
models-offer-seconds = { $name } ({ $licence }; { $fetch } to fetch, { $memory } of memory, about { $seconds } s a picture)
models-plan = { $name }: { $total } in { $files ->
    [one] { $files } file
   *[other] { $files } files
}, { $left } still to fetch, { $free } free on the disk.
models-asking = Asking the hub … { $seconds } s
models-progress = { $bar } { $percent } %  { $done } of { $total }  { $rate } MB/s  { $left } left
models-checking = { $bar } { $percent } %  comparing the checksum of { $file }
models-cut = The connection broke ({ $why }); it goes on where it was in { $seconds } s.
models-done = { $name } is here, { $size }.
models-stopped = Stopped. What came so far is kept: start again, and it goes on from there.
models-fetched-next = limner models use { $name } switches to it.
models-removed = { $name } is gone; { $size } are free again.
models-using = Set { $settings }. A Limner that runs sees it within seconds, and its engine starts with it.
models-used = { $setting } names { $name }: switch to another first, or add --yes; the next start would fetch it again.
models-elsewhere = The models lie where the engine at { $where } runs (ENGINE_URL): run limner models there.
models-environment = { $names } are set in the environment, which wins over .env: change them there.
models-broke = The process that looks after models ended ({ $code }); limner doctor looks at what it needs.
models-name = { $name } is no name on the hub, which has the form owner/model.
models-unknown = The hub knows no model { $name }; see that it is spelt as on its page.
models-gated = The hub gives { $name } only to those who agreed to its terms: do so on its page, and set HF_TOKEN.
models-unreachable = The hub at { $where } does not answer ({ $why }); what came is kept, and the next try goes on.
models-pickled = { $name } holds weights as pickles ({ $what }), which can run code; take a copy in safetensors.
models-kind = { $name } is no model for Limner: it has neither model_index.json nor config.json with safetensors.
models-disk = { $name }: { $needed } are still to be fetched, and { $folder } has { $free } free; make room first.
models-damaged = { $file } of { $name } came damaged and was deleted; fetch it again.
models-busy = { $name } is being fetched already.
models-absent = { $name } is not here.
models-unwritable = { $folder } cannot be written ({ $why }).
models-not-offered = { $name } is not among the models that are offered; limner models fetch takes any.
models-page-title = Models
models-page-fetch = Fetch
models-page-use = Switch to it
models-page-stop = Stop
models-page-close = Close
models-page-starter = The starter pair, which comes along
models-page-fetching = Fetching { $name }: { $percent } %
