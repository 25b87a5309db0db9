# 拒绝。
refused-limit = 本{ $per }已用 { $used }/{ $limit } 张；下一张 { $when } 可用。
refused-limit-count = 本{ $per }已用 { $used }/{ $limit } 张，而你要 { $asked } 张；{ $when } 才够。
refused-never = 你要 { $asked } 张，而每{ $per }的上限是 { $limit } 张；请少要几张。
refused-never-granted = 你要 { $asked } 张；限额是每{ $per } { $limit } 张，额外授予的还剩 { $granted } 张。请少要一些。
refused-ceiling = 本{ $per }已用 { $used }/{ $limit } 张，这是主机允许任何人的上限；下一张 { $when } 可用。
refused-at-once = 你已有 { $running }/{ $allowed } 个请求在进行；请 { $when } 再来。
refused-empty = 请用几个词说要画什么，例如：夕阳下湖上的小船。
refused-long = 共 { $length } 个字符；最多 { $most } 个，请缩短。
refused-closing = Limner 正在重启；请一分钟后再试。
refused-cannot-load = 现在无法画图：主机的模型加载不了。Limner 的运行者可用 `limner doctor` 查看原因。
refused-permissions = 我不能在这里发图：缺少权限 { $permissions }。管理员可以在频道设置里授予。
refused-unknown = 我已没有这张图的记录。
refused-not-mine = 这条消息不是我画的图，不能修改；要从上面的图片开始画，请选“从这张图开始”。
refused-not-yours = 只有提出这张图的人或管理员可以这样做。
refused-ended = 它已经结束了。
refused-cancel = 主机的磁盘暂时写不进去，所以没能取消，它还在继续；请再按一次“取消”。
refused-not-your-list = 这是别人的列表；请用 /我的 图片 或 /风格 打开你自己的。
refused-store = 主机的磁盘写不进去，所以没有开始也没有计数。请告诉主机管理者，稍后再试。
refused-erase = 没能全部清除：数据库正忙，或主机的磁盘无法再写入。其余的会在我下次启动时清除；想更快，请稍后再试一次。
refused-internal = 我这边出了错；没有计数。请再试一次。
refused-not-finished = 这张图还没有画好；请等它完成，或重新提出。
refused-cannot-start = 当前的模型不能从图片开始；没有开始也没有计数。请只用文字提出。主机可以把 LIMNER_MODEL 设为能这样做的模型，例如 SDXL 或 FLUX.2-klein。
refused-cannot-enlarge = 当前的模型自己不能放大图片，所以没有开始也没有计数。运行这个 Limner 的人可以开启：用 LIMNER_UPSCALER 指定一个放大网络。可以用“修改”或“再画一张”画新的。
refused-strength-alone = “强度”表示离原图多远：请用“图片”附上一张图，或去掉“强度”。
refused-mask-alone = “蒙版”说明一张图的哪部分要重画：请用“图片”附上那张图，或去掉“蒙版”。
refused-mask-with-more = “蒙版”只用于一张图；请去掉“图片2”和“图片3”，或去掉“蒙版”。
refused-cannot-mask = 现在的模型不能只画图的一部分，所以没有开始，也没有计数。主机可以把 LIMNER_MODEL 设为能这样做的模型，例如 SDXL 或 FLUX.2-klein。
refused-no-room-to-zoom = 这张图已经是那种画幅，所以没有开始，也没有计数；请选另一种扩展方式。
refused-no-shape-to-zoom = 当前的模型画不了那种画幅，所以没有开始也没有计数；请换一种向外扩展的方式。
refused-cells-none = 还没有选格子，所以没有画，也没有计数；请先按下要重画的格子的数字。
refused-cells-all = 所有格子都选了，就什么也留不下；请留一格，或用“修改”来改整张图。
refused-unreadable = 这张图的起始图已读不出，不能再画一次；没有计数。请从另一张图开始，或用 /画 画一张新的。
refused-picture-gone = 那张图已经不在了，不能从它开始；没有计数。请用 /画 画一张新的。
refused-private-old = 仅自己可见的图，我只能在一刻钟内读取，所以没有开始也没有计数。请把它存下来，用 `/画 图片:` 附上，或按“再画一张”画新的。
refused-no-picture = 这条消息里没有图片；请选一条带有 PNG、JPEG 或 WebP 附件的。
refused-form-expired = 打开这个表单之后我重启过；请再选一次“从这张图开始”。
refused-undeliverable = Discord 不让我在这里这样做；管理员可以检查我在这个频道的权限。
refused-style = 没有叫 { $style } 的风格；/风格 列出全部风格。
refused-lora = 这里没有 LoRA { $names }，所以什么都没画、也没计次；有的是：{ $known }。
refused-loras-none = 这里没有 LoRA { $names }，也没有别的，所以什么都没画、也没计次。
refused-lora-typed = { $typed } 不是 LoRA 的名字加 -{ $weight } 到 { $weight } 的权重，例如 ink:0.8（多个用逗号隔开，最多 { $most } 个）；什么都没画、也没计次。
refused-model = 没有载入模型 { $model }；现有 { $known }，可用 `/画 模型:` 指定。
refused-models-unready = 主机的模型还在载入，暂时不知道有没有 { $model }；没有更改任何内容，请一分钟后再试。
refused-too-large = 那会超过这里能做的大小（每边 { $largest } 像素），所以没有开始也没有计数。
refused-too-large-painted = 当前的模型最大只能画到每边 { $largest } 像素，所以没有开始也没有计数。运行这个 Limner 的人可以开启：用 LIMNER_UPSCALER 指定一个放大网络，就能放得更大。

permission-view_channel = 查看频道
permission-send_messages = 发送消息
permission-send_messages_in_threads = 在子区内发送消息
permission-attach_files = 附加文件
permission-connect = 连接
permission-read_message_history = 查看消息历史
refused-too-many-understandings = 你的话来得太快，我读不过来；请 { $when } 再来。
refused-too-many-cancelled = 你在一分钟内取消了好几个请求；请在 { $when } 再来。
refused-language = { $language ->
   *[other] 语言模型读不懂这种语言；没有画，也没有计数。请用以下语言之一：{ $read }。
}
refused-reply-gone = 提出修改的那条回复已被删除，没有画，也没有计数；请再回复一次。
refused-no-such-picture = 这一组只有 { $count } 张，没有画，也没有计数；请说明是哪一张。
refused-photo-unseen = Discord 不让我看到你回复的那条消息，所以没有画，也没有计数。要用那条消息里的照片，请打开它的菜单：应用 → 以此图为起点；要用文字来画，请单独发一条消息提到我。
refused-too-many-pictures = { $most ->
    [1] 所用模型只能从一张图开始，而你给了不止一张；没有画任何东西，也没有计数。请只留一张。
   *[other] 所用模型最多看 { $most } 张图（包括要改的那张），而你给了更多；没有画任何东西，也没有计数。请去掉几张。
}
refused-unchanged = 表单里什么都没改，所以没有画，也没有计数；请写出要改什么，或修改提示词。
refused-agent-channel = Limner 看不到使用这个 ID 的服务器频道；没有画，也没有计数。请用它所在频道的 ID 启动 limner mcp。
refused-agent-member = 这个代理所代表的人不能在该频道发言；没有画，也没有计数。请换用户或频道启动 limner mcp。
refused-agent-busy = 这个人还有太多调用没有结束；没有画，也没有计数。请等其中一个结束。
refused-agent-too-fast = 这个人的调用平均快过三秒一次；没有画，也没有计数。请稍等再调用。
