# 频道里的消息。
words = { $who }：{ $words }
queued = { $position ->
    [0] 下一个就是它
   *[other] 排队中，前面还有 { $position } 个
}
ready = { $what }，{ $when }完成
asked-for = { $who } 想要：{ $words }（只画出模型认识的部分）
understood = { $who } · 理解为：{ $understood }
as-written = { $who } · 按原文绘制：{ $words }
painting = 绘制中 { $bar } { $percent } %
painting-starts = 开始绘制……
starting = 模型正在载入，之后就画这张。
fetching = 正在下载模型 { $model }：{ $bar } { $percent } %，共 { $size }。之后就画这张。
waiting = 引擎暂时没有响应。若 { $when } 仍未恢复，请求会结束并退还次数。
resting = 我正在重启。我回来后这张图会自动继续；如果超过一小时，次数会退还。
unknown = 自带的小模型画不出：{ $words }。它会画：{ $knows } 想画更多，请主机管理者设置 LIMNER_MODEL。
ping = { $who } 你的图画好了。
alt-asked-for = 请求的是：{ $understood }（第 { $index } 张，共 { $count } 张）
alt = { $understood }（第 { $index } 张，共 { $count } 张）
not-understood = 语言模型没有给出可用的回答；已按你的原话来画。
not-understood-change = 语言模型没有给出可用的回答；你的原话已直接加到描述之后。
changed = 改动：{ $words }
kind-vary = 变体
kind-upscale = { $scale ->
    [4] 放大四倍
   *[other] 放大一倍
}
kind-start = 在另一张图上画成
kind-region = 重画了局部
kind-zoom = 向外扩展
styled = 风格：{ $style }
loras-absent = 画的时候没有用 { $names }：画图模型没有这个 LoRA。
notation-ignored = Limner 不认识 { $flags }；请用 /画 的选项。
links-unread = 链接不会被读取；请用选项“图片”，或“从这张图开始画”。
of-picture = 来自第 { $number } 张
greeting = 大家好！在这里可以做三件事：**`/画 夕阳下的小船`**，或者提到我并写下想画的内容，我来画。**回复**我的图片，说怎么改，我来改。提到我并**附上照片**，说要做成什么样。其余见 `/帮助`。
kind-again = 再画一张，种子 { $seed }
