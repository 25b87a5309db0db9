# 图的后续版本：表单与选择。
refine-title = 修改图片
refine-words = 要改什么？
refine-example = 夜晚，加一条船
refine-prompt = 或直接改提示词
start-title = 从这张图开始
start-words = 要变成什么？
start-example = 同样的景色，夜晚，水彩
vary-how = 可以改变多少？
vary-ask = 这张图的变体：
vary-subtle = 轻微
vary-subtle-what = 各样东西留在原处
vary-strong = 强烈
vary-strong-what = 同样的想法，重新画
which-picture = 哪一张？
upscale-ask = 放大一倍：
picture-number = 第 { $number } 张
reply-hint = 关闭了提醒的回复我读不到。请打开 @ 再回复一次，或使用“修改”按钮，告诉我要改什么。
