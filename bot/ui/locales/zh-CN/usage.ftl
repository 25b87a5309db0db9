# /my usage。
usage-in-server = 你在这个服务器还剩多少
usage-in-dm = 你在私信里还剩多少
usage-line = 本{ $per }还剩 { $left }/{ $limit } 张
usage-line-model = 本{ $per }用 { $model } 还可画 { $left }/{ $limit } 张
usage-line-model-none = 不能用 { $model } 画图：管理员允许的数量是 0。
usage-line-ceiling = 在主机的上限内，本{ $per }还剩 { $left }/{ $limit } 张
usage-frees = { $line }；{ $when } 恢复一部分
usage-none = 这里没有限制。
usage-at-once = 可同时进行 { $allowed } 个请求，现有 { $running } 个。
usage-why = 原因：这是主机的默认设置，人人相同，每个服务器分别计算。一张图从你提出时算起，过完该时段就不再计入。失败或取消的不计。
