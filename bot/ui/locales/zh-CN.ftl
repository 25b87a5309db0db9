# 只有提出请求的人看得到这些。
accepted = 好的：{ $count } 张图会出现在这个频道里。
left = 本{ $per }还剩 { $left }/{ $limit } 张。
per-hour = 小时
per-day = 日
per-week = 周

# 频道里的消息。
words = { $who }：{ $words }
queued = { $position ->
    [0] 下一个就是它
   *[other] 排队中，前面还有 { $position } 个
}
ready = { $what }，{ $when }完成
understood = { $who } · 理解为：{ $understood }
as-written = { $who } · 按原文绘制：{ $words }
painting = 绘制中 { $bar } { $percent } %
painting-starts = 开始绘制……
starting = 模型正在载入，之后就画这张。
waiting = 引擎暂时没有响应。若 { $when } 仍未恢复，请求会结束并退还次数。
unknown = 自带的小模型不认识：{ $words }。它会画：{ $knows } 想画更多，请主机管理者设置 LIMNER_MODEL。
ping = { $who } 你的图画好了。
alt = { $understood }（第 { $index } 张，共 { $count } 张）

# 没有画成时的说明。
failed = { $who }：{ $words }
    { $sentence }
failed-cancelled = 已取消，次数已退还。
failed-unavailable = 引擎停止响应；次数已退还。请过几分钟再试。
failed-memory = 主机的显存放不下这张图；次数已退还。请换小一些的画幅或减少张数。
failed-blocked = 引擎不画这个；次数已退还。请换个说法。
failed-key = 引擎拒绝机器人的密钥；次数已退还。主机管理者需要设置正确的 ENGINE_API_KEY。
failed-busy = 等待的请求太多；次数已退还。请过几分钟再试。
failed-refused = 引擎做不到：{ $detail } 次数已退还。
failed-internal = 绘制时出了错；次数已退还。请再试一次，若再次发生请告诉主机管理者。
failed-late = Limner 停机太久，没能画完；次数已退还。请重新提出。

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
refused-store = 主机的磁盘写不进去，所以没有开始也没有计数。请告诉主机管理者，稍后再试。
refused-internal = 我这边出了错；没有计数。请再试一次。

permission-view_channel = 查看频道
permission-send_messages = 发送消息
permission-send_messages_in_threads = 在子区内发送消息
permission-attach_files = 附加文件
permission-read_message_history = 查看消息历史

# 按钮。
button-again = 再画一张
button-details = 详情
button-delete = 删除
button-cancel = 取消
deleted = 已删除。
cancelled = 已取消，没有计数。

# 详情。
details-title = 详情
details-understood = 理解为
details-words = 原话
details-prompt = 提示词
details-negative = 避免
details-seed = 种子
details-steps = 步数
details-size = 尺寸
details-model = 模型
details-seconds = 用时
details-seconds-value = { $seconds } 秒

# /my usage。
usage-title = 你在这里还剩多少
usage-line = 本{ $per }还剩 { $left }/{ $limit } 张
usage-frees = { $line }；{ $when } 恢复一部分
usage-none = 这里没有限制。
usage-why = 按主机的默认设置；你有 { $running }/{ $allowed } 个请求在进行。

# /help。
help = **Limner 按你的描述作画**，模型就运行在主机自己的机器上。
    `/imagine` 后面写几个词，什么语言都行，例如 `夕阳下的海滩` 或 `a red boat on a lake at night`。
    选项：`shape`（画幅）、`count`（1 到 4 张）、`seed`（相同的种子和词画出相同的图）、`exact`（不扩写我的词）。
    图下面：**再画一张**重新画，**详情**说明怎么画的，**删除**把它删掉。
    `/my usage` 显示你还剩多少。

# 命令。
command-imagine = 用几个词画一张图，什么语言都行
option-prompt = 画什么
option-shape = 图的画幅
option-count = 几张，1 到 4
option-seed = 相同的种子和词画出相同的图
option-exact = 不扩写我的词
shape-square = 方形
shape-portrait = 竖幅
shape-landscape = 横幅
shape-wide = 宽幅
shape-tall = 高幅
command-help = 怎样使用 Limner
command-my = 你的图和限额
command-my-usage = 还剩多少、在哪个时段、为什么

# 命令行。
cli-loading = 正在载入模型……
cli-queued = 排队中：前面还有 { $position } 个
cli-painting = 绘制中 { $step }/{ $steps }
cli-understood = 理解为：{ $understood }
cli-prompt = 提示词：{ $prompt }
cli-saved = 已保存 { $file }
cli-out-is-directory = --out：{ $out } 是目录；请写其中的文件名，例如 { $better }
cli-out-nowhere = --out：没有目录 { $directory }；请先创建
cli-out-unwritable = --out：{ $out } 不能写入；请换个位置

# 设置，以及不能启动的原因。
settings-whole = { $name }：{ $value } 不是 { $low } 到 { $high } 的整数
settings-choice = { $name }：{ $value } 不在 { $choices } 之中
settings-limit = { $name }：看不懂 { $value }；请写数字和 hour、day 或 week，例如 20/hour,100/day
settings-url = { $name }：看不懂 { $value }；请用 unix:/path、http://host:port 或 https://host
start-sandbox = 没有设置 DISCORD_TOKEN：请在浏览器打开 { $url }，输入 /imagine 夕阳下的小船
start-home-unwritable = LIMNER_HOME { $home } 不能写入（{ $why }）；请改成可写，或换一个。
start-home-taken = 另一个 limner run 正在使用 LIMNER_HOME { $home }；请先停掉它，或换一个。
start-database = LIMNER_HOME { $home } 里的数据库打不开（{ $why }）；请检查剩余空间和文件权限。
start-database-newer = 数据库版本是 { $found }，这个 Limner 最多认识 { $newest }；请运行写出它的新版，或恢复升级前的备份。
start-port-taken = 端口 { $port } 被占用；请停掉占用它的程序，或设置 LIMNER_SANDBOX_PORT。
start-token-refused = Discord 拒绝 DISCORD_TOKEN；请到 Developer Portal 重新复制机器人的 token 到 .env。
start-intents-refused = Discord 拒绝机器人的 intents，而 Limner 不需要任何特权 intent；请在 Developer Portal 检查应用。
start-discord-unreachable = 连不上 Discord（{ $why }）；请检查网络后再启动。
start-engine-settings = 引擎无法用这些设置启动；原因见上面它自己的话。
start-engine-absent = { $where } 的引擎没有响应；请启动它，或把 ENGINE_URL 留空，用 Limner 自己的引擎。
start-engine-ended = 引擎还没就绪就结束了；原因见上面它自己的话。
