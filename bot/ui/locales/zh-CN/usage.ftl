# /my usage。
usage-title = 你在这里还剩多少
usage-line = 本{ $per }还剩 { $left }/{ $limit } 张
usage-frees = { $line }；{ $when } 恢复一部分
usage-none = 这里没有限制。
usage-why = 按主机的默认设置；你有 { $running }/{ $allowed } 个请求在进行。
