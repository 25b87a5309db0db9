# /my usage.
usage-title = What is left for you here
usage-line = { $left } of { $limit } pictures left this { $per }
usage-frees = { $line }; the next comes back { $when }
usage-none = There is no limit here.
usage-why = From the host's default; { $running } of { $allowed } requests of yours are on their way.
