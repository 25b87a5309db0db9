# 只有提出请求的人看得到这些。
accepted = 好的：{ $count } 张图会出现在这个频道里。
left = 本{ $per }还剩 { $left }/{ $limit } 张。
left-model = 本{ $per }用 { $model } 还可画 { $left }/{ $limit } 张。
per-hour = 小时
per-day = 日
per-week = 周
