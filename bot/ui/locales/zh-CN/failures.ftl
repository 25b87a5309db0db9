# 没有画成时的说明。
failed = { $who }：{ $words }
    { $sentence }
failed-cancelled = 已取消，次数已退还。
failed-unavailable = 引擎停止响应；次数已退还。请过几分钟再试。
failed-unloaded = 现在无法画图：主机的模型加载不了，次数已退还。Limner 的运行者可用 `limner doctor` 查看原因。
failed-memory = 主机的显存放不下这张图；次数已退还。请换小一些的画幅或减少张数。
failed-blocked = 引擎不画这个；次数已退还。请换个说法。
failed-key = 引擎拒绝机器人的密钥；次数已退还。主机管理者需要设置正确的 ENGINE_API_KEY。
failed-busy = 等待的请求太多；次数已退还。请过几分钟再试。
failed-refused = 引擎做不到：{ $detail } 次数已退还。
failed-internal = 绘制时出了错；次数已退还。请再试一次，若再次发生请告诉主机管理者。
failed-late = Limner 停机太久，没能画完；次数已退还。请重新提出。
failed-undeliverable = 我不能再在 { $where } 发消息，所以图没能发出来；次数已退还。
failed-unwell = Discord 有一阵子没有接收这张图，次数已退还。请重新提出。
failed-large = 图超过了 Discord 在这里的上传上限；次数已退还。请换小一些的画幅或减少张数。
failed-language = 语言模型读不懂这种语言；次数已退还。它读得懂：{ $detail }。
failed-thing = 这里的模型不认识要画的东西：{ $detail }。没有画，次数已退还。请再说一次，就可以改画相近的东西，或者照样画。
