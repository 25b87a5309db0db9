# 拒绝。
refused-limit = 本{ $per }已用 { $used }/{ $limit } 张；下一张 { $when } 可用。
refused-limit-count = 本{ $per }已用 { $used }/{ $limit } 张，而你要 { $asked } 张；{ $when } 才够。
refused-never = 你要 { $asked } 张，而每{ $per }的上限是 { $limit } 张；请少要几张。
refused-at-once = 你已有 { $running }/{ $allowed } 个请求在进行；请 { $when } 再来。
refused-empty = 请用几个词说要画什么，例如：夕阳下湖上的小船。
refused-long = 共 { $length } 个字符；最多 { $most } 个，请缩短。
refused-closing = Limner 正在重启；请一分钟后再试。
refused-permissions = 我不能在这里发图：缺少权限 { $permissions }。管理员可以在频道设置里授予。
refused-unknown = 我已没有这张图的记录。
refused-not-yours = 只有提出这张图的人或管理员可以这样做。
refused-ended = 它已经结束了。
refused-not-your-list = 这是别人的列表；请用 /my pictures 或 /styles 打开你自己的。
refused-style = 没有“{ $style }”这种风格；/styles 列出全部风格。
refused-store = 主机的磁盘写不进去，所以没有开始也没有计数。请告诉主机管理者，稍后再试。
refused-internal = 我这边出了错；没有计数。请再试一次。

permission-view_channel = 查看频道
permission-send_messages = 发送消息
permission-send_messages_in_threads = 在子区内发送消息
permission-attach_files = 附加文件
permission-read_message_history = 查看消息历史
