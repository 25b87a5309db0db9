# /stats，给管理员：数字，以及图上的文字。
command-stats-name = 统计
command-stats = 这个服务器的用量、等待、拒绝与失败，用图表和数字显示
option-days-name = 天数
option-days = 往回看多少天，1 到 90
stats-title = { $days ->
    [1] 本服务器今天（UTC）
   *[other] 本服务器最近 { $days } 天，含今天（UTC）
}
stats-use = 图片：{ $pictures } 张；最多的一天 { $most } 张。
stats-wait = 从请求到出图：一半在 { $median }以内，九成在 { $p90 }以内。
stats-no-waits = 从请求到出图：没有完成的图片。
stats-in-seconds = { $seconds } 秒
stats-in-minutes = { $minutes } 分钟
stats-refusals = 拒绝的请求：{ $refused } 个。
stats-of-these = 其中{ $whys }。
stats-comma = 、
stats-failures = 失败并已退还的请求：{ $failed } 个。
stats-undrawn = 图表没能画出来；主机的日志说明了原因。
stats-no-charts = 图表需要一个这里没有安装的包：pip install 'limner[charts]'
stats-why-limit = 超出限额 { $count } 个
stats-why-at-once = 超出同时请求数 { $count } 个
stats-why-blocked = 被禁止的成员 { $count } 个
stats-why-paused = 暂停期间 { $count } 个
stats-why-channel = 在关闭的频道 { $count } 个
stats-why-word = 含屏蔽词 { $count } 个
stats-why-understood = 理解结果含屏蔽词 { $count } 个
stats-why-busy = 排队已满 { $count } 个
stats-why-content = 被模型自己的检查拒绝 { $count } 个
stats-why-check = 被图片检查拒绝 { $count } 个
stats-why-review = 审核中被移除或逾期 { $count } 个
stats-alt = 最近 { $days } 天的图表。图片：{ $pictures } 张。拒绝的请求：{ $refused } 个。失败的请求：{ $failed } 个。每天的等待时间（中位数和第 90 百分位）是两条线。数字写在消息里。
stats-pictures = 图片
stats-waits = 从请求到出图的等待
stats-median = 中位数
stats-p90 = 90% 以内
stats-seconds = 秒
stats-minutes = 分钟
stats-refused = 拒绝
stats-failed = 失败
stats-days = 月-日，UTC
stats-why-model = { $count } 次：模型或 LoRA 只给别的身份组
stats-why-photo = { $count } 次因为照片不能用
