# /my settings。
settings-title = 没写明时 /画 用什么
settings-saved = 已保存。现在没写明时 /画 用什么
settings-style = 风格：{ $style }
settings-shape = 画幅：{ $shape }
settings-private = 只有你看得到你的图：是
settings-public = 只有你看得到你的图：否
settings-how = `/画` 里写明的选项优先。要取消一项，请把 `/我的 设置` 的 `风格` 或 `画幅`选为“无”。
settings-photos-yes = 别人可以用你的照片来画：可以
settings-photos-no = 别人可以用你的照片来画：不可以
settings-photos-none = 别人可以用你的照片来画：按各服务器的设置（通常不可以）
