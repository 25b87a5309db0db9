# 代理和启动 limner mcp 的人读到的话。
mcp-not-installed = limner mcp 需要 mcp 软件包，这里没有安装：{ $command }
agent-not-running = Limner 没有在 LIMNER_HOME { $home } 上运行，或正在启动；请在那里启动 limner run，再调用一次。
agent-lost = Limner 结束了这次调用；请查询这张图，或再调用一次。
agent-on-its-way = 还在画，画好后会发到频道里；请用它的 ID 查询。
agent-unseen = 已经画好，但它的消息已读不到了。
agent-ended = 没有画成，或已不再显示；没有画成的，次数已退还。
