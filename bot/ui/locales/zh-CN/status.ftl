# /status。
status-title = Limner
status-idle = 引擎就绪，没有排队：新的图马上开始画。
status-paused = 管理员已暂停在这个服务器画图；已在进行的会继续。{ $why }
status-waiting = 有 { $waiting } 张图在排队或绘制。
status-wait = 有 { $waiting } 张图在排队或绘制；新的图 { $when } 开始画。
status-untold = 引擎正常；它不透露有多少在排队。
status-loading = 引擎正在载入模型。现在就可以提出请求：载入完就画。
status-fetching = 引擎正在下载模型 { $model }：{ $bar } { $percent } %，共 { $size }。现在就可以提出请求：载入完就画。
status-away = 引擎没有响应。提出的请求会等它；若它一直不恢复，会退还次数。
status-engine-works = { $engine } 正常：{ $waiting ->
    [0] 没有排队
   *[other] 有 { $waiting } 张图在排队或绘制
}
status-engine-loading = { $engine } 正在载入模型。
status-engine-away = { $engine } 没有响应，恢复之前不用它。
status-engine-differs = 不用 { $engine }：它的{ $fact }是 { $has }，而 { $other } 的是 { $others }。
status-fact-painter = 绘画模型
status-fact-planner = 语言模型
status-painter = 绘画模型：{ $name }
status-planner = 语言模型：{ $name }
status-hosted = 它运行在别的服务上（{ $where }）：你写的内容会发送到那里。
status-lacks = 它不理会：{ $lacks }
status-knows = 它只认识一个小世界：{ $knows }
status-loras = LoRA：{ $names }
status-loras-left-out = 不能用的 LoRA 文件：{ $files }
status-lora-file = { $file }（{ $flaw }）
lora-flaw-pickle = 是 pickle，可能运行代码
lora-flaw-absent = 不在那里
lora-flaw-name = 名字无法输入
lora-flaw-kind = 不是 LoRA，或是不支持的种类
lora-flaw-damaged = 已损坏，或不是 safetensors 文件
lora-flaw-unreadable = 无法读取
lora-flaw-twice = 与另一个同名
lora-flaw-beyond = 超出能容纳的数量
lora-flaw-foreign = 属于另一类模型
lora-flaw-unfetched = 无法从模型站取得
lora-flaw-failed = 无法加载
status-running = { $running ->
    [0] 没有进行中的请求。
   *[other] 有 { $running } 个请求在进行。
}
status-shards = 与 Discord 的连接：{ $count } 条中有 { $up } 条连着
status-since = { $when }开始运行
lack-seed = 种子
lack-progress = 进度
lack-preview = 预览
lack-negative = 排除的内容
lack-steps = 步数
lack-guidance = 贴合度
lack-start = 起始图
lack-strength = 强度
lack-mask = 蒙版
status-comma = 、
