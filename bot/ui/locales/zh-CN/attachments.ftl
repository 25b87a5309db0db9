# 为什么不能从一张图开始。
refused-attachment-type = 这不是我能读的图；请附上 PNG、JPEG 或 WebP。
refused-attachment-animated = 我只能从静态图开始；请附上一张不会动的图。
refused-attachment-heavy = 文件太大；请附上不超过 { $bytes } MB 的图。
refused-attachment-large = 图的像素太多；请缩到每边不超过 { $side } 且总共不超过 { $megapixels } 百万像素，再附上一次。
refused-attachment-small = 图太小；请附上每边至少 { $least } 像素、也不是细长条的图。
refused-attachment-broken = 文件已损坏；请重新保存这张图再附上。
refused-attachment-slow = 读取这张图花的时间太长；请缩小后再附上。
refused-attachment-gone = 这张图已不在 Discord 上；请重新附上。
refused-attachment-unreachable = Discord 暂时不给这张图；请一分钟后再试。
refused-attachment-foreign = 这张图不在 Discord 上；请附在命令或消息里。
refused-attachment-busy = 你的 { $each } 张图我还在读；请等它们有了回应再试。
refused-attachment-mask-shape = 蒙版是 { $mask } 像素，图是 { $picture } 像素，比例不同；请让两者的宽高相同。
refused-attachment-mask-empty = 蒙版什么也没标出：请把要重画的地方变成透明，或涂成白色、其余涂成黑色。
refused-attachment-mask-whole = 蒙版标出了整张图；要重画整张图，请去掉“蒙版”，或让要保留的地方不透明、或涂成黑色。
