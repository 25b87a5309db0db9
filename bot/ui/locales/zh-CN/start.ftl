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
start-port-taken = 端口 { $port } 被占用；请停掉占用它的程序，或设置 { $name }。
start-token-refused = Discord 拒绝 DISCORD_TOKEN；请到 Developer Portal 重新复制机器人的 token 到 .env。
start-intents-refused = Discord 拒绝机器人的 intents，而 Limner 不需要任何特权 intent；请在 Developer Portal 检查应用。
start-discord-unreachable = 连不上 Discord（{ $why }）；请检查网络后再启动。
start-engine-settings = 引擎无法用这些设置启动；原因见上面它自己的话。
start-engine-absent = { $where } 的引擎没有响应；请启动它，或把 ENGINE_URL 留空，用 Limner 自己的引擎。
start-engine-ended = 引擎还没就绪就结束了；原因见上面它自己的话。
