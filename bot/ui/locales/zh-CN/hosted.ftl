# 托管模型：什么会离开主机，什么它们不理会。
hosted-told = 你的话会发送到 { $where }，其中的提及、ID、邮箱和电话号码会先去掉。
hosted-told-picture = 你的话和图片会发送到 { $where }；话里的提及、ID、邮箱和电话号码会先去掉。
lacks-seed = 这个模型不接受种子，同样的话下次会画出另一张图。
lacks-negative = 这个模型没有“不要什么”这一栏，已改写进提示词里。
lacks-steps = 这个模型自己决定步数。
lacks-guidance = 这个模型不接受贴合度。
lacks-strength = 这个模型自己决定改动图片的多少。
