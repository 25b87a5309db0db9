# 按钮。
button-refine = 修改
button-again = 再画一张
button-vary = 变体
button-upscale = 放大
button-details = 详情
button-delete = 删除
button-cancel = 取消
deleted = 已删除。
delete-title = 删除这张图
delete-reason = 原因？会写进服务器的记录
delete-example = 可以留空。
button-more = 更多
delete-ask = 要删掉哪一张？
delete-all = 全部
delete-keep = 都不删
