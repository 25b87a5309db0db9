# /stats, for moderators: figures, and the words on the chart.
command-stats-name = stats
command-stats = Use, waits, refusals and failures in this server, as a chart and in figures
option-days-name = days
option-days = How many days back, 1 to 90
stats-title = { $days ->
    [one] Today in this server, in UTC
   *[other] The last { $days } days in this server, in UTC, with today
}
stats-use = Pictures: { $pictures }; on the busiest day { $most }.
stats-wait = Wait from request to picture: half within { $median }, nine of ten within { $p90 }.
stats-no-waits = Wait from request to picture: nothing was finished.
stats-in-seconds = { $seconds } s
stats-in-minutes = { $minutes } min
stats-refusals = Requests refused: { $refused }.
stats-of-these = {" "}Of these { $whys }.
stats-comma = {", "}
stats-failures = Requests that failed and were refunded: { $failed }.
stats-undrawn = The chart could not be drawn; the host's log says why.
stats-no-charts = The chart needs a package that is not installed here: pip install 'limner[charts]'
stats-why-limit = { $count } over a limit
stats-why-at-once = { $count } over the requests at once
stats-why-blocked = { $count } by blocked members
stats-why-paused = { $count } while drawing was paused
stats-why-channel = { $count } in closed channels
stats-why-word = { $count } with blocked words
stats-why-understood = { $count } with blocked words in what was understood
stats-why-busy = { $count } because too many were waiting
stats-why-content = { $count } by the model's own guard
stats-why-check = { $count } by the picture check
stats-why-review = { $count } removed, or not seen in time, in review
stats-alt = Chart of { $days ->
    [one] today
   *[other] the last { $days } days
}. Pictures: { $pictures }. Requests refused: { $refused }. Requests failed: { $failed }. The wait, median and 90th percentile, is a line a day. The figures are in the message.
stats-pictures = Pictures
stats-waits = Wait from request to picture
stats-median = Median
stats-p90 = 90 % within
stats-seconds = seconds
stats-minutes = minutes
stats-refused = Refused
stats-failed = Failed
stats-days = month-day, UTC
stats-why-model = { $count } for models or LoRAs that are for other roles
stats-why-photo = { $count } for photos that may not be used
