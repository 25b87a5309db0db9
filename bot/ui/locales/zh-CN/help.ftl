# /help：最多 2,000 个字符。
help-what = **Limner 按你的描述作画，什么语言都行。**
help-imagine = `/imagine`（`/画`）后面写几个词，例如 `夕阳下的海滩` 或 `a red boat on a lake at night`。选项：`image` 和 `strength`（从一张图开始、改动多少）、`style`（风格）、`shape`（画幅）、`count`（1 到 4 张）、`negative`（不要什么）、`seed`（相同的种子和词画出相同的图）、`steps`（步数）、`guidance`（贴合度）、`model`（模型）、`exact`（不扩写我的词）、`private`（只有你看得到）。
help-talk = **用说话来修改。** 回复一张图（保持 @ 开启）：`改成夜晚，加一条船`。没提到的都保留。回复较早的版本，就从那一版分出去。
help-buttons = **图下面：** **修改**（说要改什么，或直接改提示词；私密的图也用它）、**再画一张**（新种子）、**变体**（少许或很多）、**放大**、**详情**（怎么画的）、**删除**（你或管理员）。还在画时可以**取消**。
help-menus = **任何消息上：** 右键或长按，选*应用*，再选**修改这张图**（我画的图）或**从这张图开始画**（谁的图都行）。
help-lists = `/styles`（`/风格`）列出风格。`/my settings`（`/我的 设置`）记住你常用的风格、画幅，以及是否只有你看得到。`/my pictures`（`/我的 图片`）列出你的图和链接。`/my usage`（`/我的 用量`）说明还剩多少、为什么。`/my data export`（`/我的 数据 导出`）和 `/my data erase`（`/我的 数据 清除`）交出或清除我保存的关于你的内容。`/status`（`/状态`）显示队列和模型。
help-moderators = **管理员：** `/limits set`（`/限额 设置`）、`/limits reset`（`/限额 取消`）、`/limits grant`（`/限额 授予`）规定谁可以画多少；`/limits show`（`/限额 查看`）、`/limits why`（`/限额 原因`）说明适用什么。`/moderation`（`/管理`）可禁止成员、词和频道，可暂停，并留有记录。
help-refunds = 失败的请求会退还次数，并说明原因。
