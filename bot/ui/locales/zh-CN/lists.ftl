# /my pictures 和 /styles。
pictures-title = 你的图：共 { $total } 张，新的在前；第 { $page } 页，共 { $pages } 页
pictures-none = 你还没有图。用 `/画` 加几个词就能画一张。
pictures-private = 只有你看得到
pictures-link = 去看这张图
page-pictures-back = ◀ 较新
page-pictures-on = 较早 ▶
styles-title = 风格
styles-none = 主机没有设置风格。
styles-line = **{ $name }**：{ $description }
styles-how = 在 `/画` 的 `风格` 里选一个，或在回复图片时说出来：`改成水彩`。`/我的 设置 风格:` 可设为你常用的风格。
page-styles-back = ◀ 上一页
page-styles-on = 下一页 ▶
