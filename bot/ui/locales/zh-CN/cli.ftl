# 命令行。
cli-loading = 正在载入模型……
cli-loading-model = 正在载入 { $model }……
cli-lasts = { $state } { $seconds } 秒
cli-looking = 正在检查……
cli-fetching = 正在下载 { $model } { $bar } { $percent } %，共 { $size }
cli-queued = { $position ->
    [0] 下一个就是你
   *[other] 排队中：前面还有 { $position } 个
 }
cli-painting = 绘制中 { $step }/{ $steps }
cli-understood = 理解为：{ $understood }
cli-prompt = 提示词：{ $prompt }
cli-saved = 已保存 { $file }
cli-lora = --lora：{ $value } 不是 LoRA 的名字加 -{ $most } 到 { $most } 的权重，例如 ink:0.8
cli-loras-many = --lora：一次最多用 { $most } 个 LoRA
cli-loras-absent = 引擎没有 LoRA { $names }；它有 { $known }。
cli-loras-none = 引擎没有 LoRA { $names }，也没有别的；请在 LIMNER_LORAS 里指定。
cli-out-is-directory = --out：{ $out } 是目录；请写其中的文件名，例如 { $better }
cli-out-format = --out：{ $out } 的扩展名不是支持的图片格式；请用其中之一：{ $endings }
cli-out-nowhere = --out：没有目录 { $directory }；请先创建
cli-out-unwritable = --out：{ $out } 不能写入；请换个位置
