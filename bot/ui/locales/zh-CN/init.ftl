# limner init。
init-hello = 五个问题；按回车采用括号里的值，按 Ctrl-C 什么都不改。
init-empty = 无
init-kept = 已设置的那个
init-token =
    1. 机器人的 token，来自 Discord Developer Portal 的 Bot → Reset Token。粘贴时不会显示。
      没有的话会打开沙盒，就是这台机器上的一个小 Discord。
init-model =
    2. 模型：1 是自带的一对小模型，不需要 GPU；auto 选最适合 GPU 的；也可以写上面的编号，
      或者文件夹，或 Hugging Face 上的名字。
init-model-hosted = 2. 在 ENGINE_URL 指定的服务上，画图模型的名字。
init-offer = { "  " }{ $number }  { $model }：{ $fits }。
init-take = { $offer }就用它吗？
init-model-none = { $value } 不是模型；请写 1 到 { $most } 的编号、auto、这里的文件夹，或 Hub 上的名字，例如 owner/model。
init-model-folder = { $value } 不是画图模型的文件夹：里面没有 model_index.json。
init-model-reads = { $value } 不是画图模型，而是单个模型，例如语言模型；请写画图模型，并在 .env 里设置 LIMNER_PLANNER。
init-model-unasked = 现在无法向 Hub 询问 { $name }；limner doctor 以后会检查它。
init-limits = 3. 每个人能画多少张图，例如 20/hour,100/day。
init-locale = 4. Discord 以外的文字用什么语言：en-US 或 zh-CN。
init-data =
    5. 旧请求的文字在多少天后删除；0 表示保留。在数字后面写 sealed，例如 30 sealed，
      它们会用现在生成的密钥在数据库里加密；此后无法改回。
init-data-wrong = 看不懂 { $value }；请写天数（最多 { $most }），或天数加上 sealed。
init-replace = 更改 { $file } 里的这些设置吗？其他行保持不变。
init-unchanged = { $file } 没有改变。
init-done = 已写入 { $file }，只有你能读取。
init-data-key = { $file } 里有新的数据密钥：请在安全的地方保存一份，没有它就打不开数据库。
init-invite = 把机器人添加到服务器：{ $link }
init-next = 现在运行 limner doctor，它会检查一切，然后运行 limner run。
init-ended = 回答在最后一个问题之前结束了，什么都没有写；请在终端里运行 limner init，或自己把设置写进 .env。
init-unwritable = { $file } 不能读写（{ $why }），什么都没有改变；请检查它和这个目录的所有者。
