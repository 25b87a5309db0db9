# /my usage.
usage-in-server = What is left for you in this server
usage-in-dm = What is left for you in direct messages
usage-line = { $left } of { $limit } pictures left this { $per }
usage-line-model = { $left } of { $limit } pictures with { $model } left this { $per }
usage-line-model-none = No pictures with { $model }: a moderator allows 0.
usage-line-ceiling = { $left } of { $limit } pictures left this { $per } under the host's ceiling
usage-frees = { $line }; the next comes back { $when }
usage-none = There is no limit here.
usage-at-once = { $running } of { $allowed } requests at once are on their way.
usage-why = Why: it is the host's default, the same for everyone, in each server by itself. A picture counts from when you ask for it until the window has passed. What fails or is cancelled does not count.
