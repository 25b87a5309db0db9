# The asker alone sees these.
accepted = On its way: your { $count ->
    [one] picture appears
   *[other] { $count } pictures appear
} in this channel.
left = { $left } of { $limit } left this { $per }.
left-model = { $left } of { $limit } with { $model } left this { $per }.
per-hour = hour
per-day = day
per-week = week
