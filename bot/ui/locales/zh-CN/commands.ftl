# 命令。
command-imagine = 用几个词画一张图，什么语言都行
option-prompt = 画什么
option-shape = 图的画幅
option-count = 几张，1 到 4
option-seed = 相同的种子和词画出相同的图
option-exact = 不扩写我的词
shape-square = 方形
shape-portrait = 竖幅
shape-landscape = 横幅
shape-wide = 宽幅
shape-tall = 高幅
command-help = 怎样使用 Limner
command-my = 你的图和限额
command-my-usage = 还剩多少、在哪个时段、为什么
